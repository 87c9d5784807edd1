import { join } from 'node:path'
import { CardInvalid, ModelInvalid } from '../errors.ts'
import { CARD_FILE, checkCard, readCard, type Card } from './card.ts'
import { findFiles, type ModelFiles } from './files.ts'
import { inferHuggingFace } from './infer/huggingface.ts'
import { inferImages } from './infer/images.ts'
import { inferLabels } from './infer/labels.ts'
import { inferMlflow } from './infer/mlflow.ts'
import { inferOutputs } from './infer/outputs.ts'
import { signatureOf } from './infer/signature.ts'
import type { Assumption, Evidence, PartialCard, Source } from './infer/source.ts'
import { inferTable } from './infer/table.ts'
import { inferTextColumn } from './infer/text-column.ts'
import { inferText } from './infer/text.ts'
import { inferTimm } from './infer/timm.ts'
import { inferUltralytics } from './infer/ultralytics.ts'
import { inferWindows } from './infer/windows.ts'
import { merge, openIn } from './merge.ts'
import { readGraph, type Graph } from './onnx/graph.ts'
import { checkSignature } from './signature.ts'

/** A model with its whole card, and where the card comes from. */
export interface Resolved {
  card: Card
  files: ModelFiles
  graph: Graph
  /** What the parts of the card were read from, in the order of their precedence. */
  sources: string[]
  /** What was given to the card without proof. */
  assumptions: Assumption[]
  /** Whether a run of several examples must settle what the scores mean. @see settleOutput */
  probe: boolean
  /** Values inside the graph that the card's output needs. The engine has to make them outputs. */
  inside: string[]
}

/**
 * What a model's card is made of, the more certain first: `card.json` comes before them all, and each one only adds what
 * those before it leave open.
 */
export const SOURCES: readonly Source[] = [
  // What other programs have written beside the model or into its metadata, on purpose.
  inferText,
  inferHuggingFace,
  inferTimm,
  inferUltralytics,
  inferWindows,
  // One column of texts has a name in MLflow's files, and is no table.
  inferTextColumn,
  inferMlflow,
  // The answer comes before what the shape of an input suggests: plain tensors as an answer mean plain tensors as an input.
  inferOutputs,
  inferLabels,
  unlessPlain(inferImages),
  inferTable
]

/** Leaves out a source where the answer is plain tensors, and where nothing says what the input is. */
function unlessPlain (source: Source): Source {
  return async (evidence, known) => known.output?.kind === 'tensors' && known.input?.kind === undefined ? null : await source(evidence, known)
}

/**
 * Works out the card of a model: reads `card.json`, which may be missing or hold any part, and infers the rest.
 *
 * @param path an .onnx file or a folder
 * @param given makes parts that count as if `card.json` had them, where it does not
 * @throws ModelMissing when there is no model
 * @throws ModelInvalid when the model or a file beside it is malformed, or contradicts the model
 * @throws CardInvalid when `card.json` is malformed, or does not fit the model
 * @throws CardAmbiguous with the line for `card.json` that settles what is not clear
 */
export async function resolveModel (path: string, given: (graph: Graph) => PartialCard = () => ({})): Promise<Resolved> {
  const files = await findFiles(path)
  const graph = await readGraph(files.model)
  const written = await readCard(files)
  const own = merge(written, given(graph))
  const evidence = { files, graph }
  const first = await gather(evidence, own)
  // An input that is neither a picture nor a table is plain tensors, and so is the answer then.
  const found = first.card.input?.kind ? first : await gather(evidence, merge(own, { input: { kind: 'tensors' } }))
  const card = checkCard(withDefaults(found.card, files), join(files.root, CARD_FILE))
  const { output } = card
  const inside = ['tensor' in output ? output.tensor : ''].filter(name => !graph.outputs.some(value => value.name === name) && graph.producerOf(name) !== null)
  try {
    // The run that settles the output also counts the labels, if nothing else does.
    const labels = found.probe && card.labels.length === 0 ? ['?'] : card.labels
    checkSignature(signatureOf(graph, inside), { ...card, labels })
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw own.input || own.output || own.labels ? new CardInvalid(join(files.root, CARD_FILE), reason) : new ModelInvalid(files.model, reason)
  }
  const sources = [...Object.keys(written).length > 0 ? [CARD_FILE] : [], ...found.sources]
  return { card, files, graph, sources, assumptions: openIn(own, found.assumptions), probe: found.probe, inside }
}

async function gather (evidence: Evidence, own: PartialCard): Promise<Pick<Resolved, 'sources' | 'assumptions' | 'probe'> & { card: PartialCard }> {
  const found = { card: own, sources: new Array<string>(), assumptions: new Array<Assumption>(), probe: false }
  for (const source of SOURCES) {
    const finding = await source(evidence, found.card)
    if (!finding) continue
    const card = merge(found.card, finding.card)
    if (JSON.stringify(card) === JSON.stringify(found.card)) continue
    found.sources.push(finding.from)
    found.assumptions.push(...openIn(found.card, finding.assumptions ?? []))
    found.probe ||= finding.probe ?? false
    found.card = card
  }
  return found
}

function withDefaults (card: PartialCard, { name, version = '1' }: ModelFiles): PartialCard {
  const { output } = card.output && card.output.kind === undefined ? merge(card, { output: { kind: 'classes' } }) : card
  return { name, version, labelKey: output?.kind === 'value' ? 'value' : 'label', labels: [], ...card, ...output && { output } }
}
