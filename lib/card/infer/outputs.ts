import { CardAmbiguous } from '../../errors.ts'
import type { Graph, GraphValue } from '../onnx/graph.ts'
import { answerOf } from './answer.ts'
import { columnsOf, isCopy, makerOf, STEPS } from './graph.ts'
import { findLabels } from './labels.ts'
import { meaningOf } from './scores.ts'
import type { Evidence, Finding, PartialCard, Source } from './source.ts'

/** Names of the scores of a classifier, where several outputs could be it. */
const SCORES = ['logits', 'probabilities', 'output_probability', 'probs', 'probability', 'scores']

/** Names of outputs that are vectors or places in a picture, and no scores of labels. */
const OTHERS = /embed|hidden_state|pooler|feature|box|mask|keypoint|landmark|detection|anchor/i

/** What a model puts out, sorted by what it can be. */
interface Outputs {
  /** Floats of [batch, columns], and what ZipMaps give. */
  scores: GraphValue[]
  /** One class for each row: [batch] or [batch, 1]. */
  labels: GraphValue[]
  /** Classes of several questions, or 0 and 1 for each label: [batch, columns]. */
  matrices: GraphValue[]
  /** Of more axes, or no tensors. */
  others: GraphValue[]
}

/**
 * Finds what the model answers, and in which output, by the graph.
 *
 * The tensor may be a value inside the graph: with zipmap='columns' each class has an output of its own, and the scores
 * of all classes are the value that these are cut from.
 *
 * @throws CardAmbiguous when several outputs could be the scores
 */
export const inferOutputs: Source = async (evidence, known) => {
  const stated = known.output ?? {}
  if (stated.kind === 'tensors' || (known.input?.kind === 'tensors' && known.output === undefined)) return plain()
  const { graph } = evidence
  const outputs = sorted(graph)
  const label = labelOf(outputs, stated)
  const scores = await scoresOf(evidence, outputs, known)
  if (scores === null) return plain()
  return await answerOf(evidence, { scores: scores ?? undefined, label, matrix: outputs.matrices[0] }, known)
}

function plain (): Finding {
  return { from: 'the outputs of the graph', card: { output: { kind: 'tensors' } } }
}

function sorted (graph: Graph): Outputs {
  const found: Outputs = { scores: [], labels: [], matrices: [], others: [] }
  for (const value of graph.outputs) {
    const { type, dtype, shape } = value
    const axes = shape?.length ?? 1
    if (isZipped(graph, value)) found.scores.push(value)
    else if (type !== 'tensor' || dtype === null || axes > 2) found.others.push(value)
    else if (dtype.startsWith('float')) found.scores.push(value)
    else if (axes < 2 || shape?.[1] === 1) found.labels.push(value)
    else found.matrices.push(value)
  }
  return found
}

/** Whether an output is a list of maps that a ZipMap makes. The engine gives it as a tensor. */
export function isZipped (graph: Graph, { name, type }: GraphValue): boolean {
  return type === 'sequence' && makerOf(graph, name)?.opType === 'ZipMap'
}

function labelOf ({ labels }: Outputs, stated: NonNullable<PartialCard['output']>): GraphValue | undefined {
  const name = 'label' in stated ? stated.label : undefined
  return name === undefined ? labels.length === 1 ? labels[0] : undefined : labels.find(value => value.name === name)
}

/**
 * The output of the scores.
 *
 * @returns null when the outputs are plain tensors, undefined when there is a label alone
 * @throws CardAmbiguous when several could be it
 */
async function scoresOf (evidence: Evidence, outputs: Outputs, known: PartialCard): Promise<GraphValue | null | undefined> {
  const { graph } = evidence
  const stated = known.output ?? {}
  // An answer without probabilities needs no scores.
  if (stated.kind === 'label') return undefined
  const name = 'tensor' in stated ? stated.tensor : undefined
  if (name !== undefined) return graph.outputs.find(value => value.name === name) ?? valueInside(name)
  const whole = columnsOfOne(graph, outputs.scores)
  if (whole !== null) return valueInside(whole)
  const { scores, labels, matrices, others } = outputs
  const isStated = stated.kind !== undefined
  if (!isStated && (labels.length + matrices.length > 1 || others.some(({ type }) => type !== 'tensor'))) return null
  if (graph.nodes.some(({ opType }) => opType === 'NonMaxSuppression')) return null

  const usual = SCORES.flatMap(usual => scores.filter(value => value.name.toLowerCase() === usual))
  if (usual[0]) return usual[0]
  const possible = scores.filter(value => !OTHERS.test(value.name) && meaningOf(graph, value.name) !== 'embedding')
  const [first, ...more] = possible
  if (!first) return scores.length === 0 && others.length === 0 && labels.length === 1 ? undefined : null
  const sure = possible.filter(({ name }) => ['probabilities', 'independent'].includes(meaningOf(graph, name)))
  if (more.length === 0 && (isStated || sure.length === 1 || others.length === 0)) return first
  const count = known.labels?.length ?? (await findLabels(evidence))?.labels.length
  const fitting = possible.filter(value => count !== undefined && columnsOf(value) === count)
  if (fitting.length === 1) return fitting[0]
  if (sure.length === 1) return sure[0]
  const widths = new Set(possible.map(columnsOf))
  if (!isStated && (more.length === 0 || others.length > 0 || widths.size > 1 || widths.has(1))) return null
  throw new CardAmbiguous(evidence.files.model,
    `it is not clear which output holds the scores of the labels: ${possible.map(({ name }) => `'${name}'`).join(' or ')}`,
    JSON.stringify({ output: { ...isStated && { kind: stated.kind }, tensor: first.name } }))
}

/** A value inside the graph as if it were an output: nothing says its shape. */
function valueInside (name: string): GraphValue {
  return { name, type: 'tensor', dtype: null, shape: null, denotation: '' }
}

/** The value that all of several outputs of one column each are cut from, as skl2onnx does with zipmap='columns'. */
function columnsOfOne (graph: Graph, values: readonly GraphValue[]): string | null {
  if (values.length < 2 || values.some(({ shape }) => shape?.length !== 1)) return null
  const wholes = new Set(values.map(({ name }) => {
    let value = name
    for (let step = 0; step < STEPS; step++) {
      const node = graph.producerOf(value)
      if (node && ['Slice', 'Gather', 'Split', 'ArrayFeatureExtractor'].includes(node.opType)) return node.inputs[0] ?? null
      if (!node || !isCopy(node)) return null
      value = node.inputs[0] ?? ''
    }
    return null
  }))
  const [whole = null] = wholes
  return wholes.size === 1 ? whole : null
}
