import { ModelInvalid } from '../../errors.ts'
import type { ModelFiles } from '../files.ts'
import type { Graph } from '../onnx/graph.ts'
import { parseTritonConfig, TRITON_CONFIG } from '../triton.ts'
import { classesOf } from './classes.ts'
import { columnsOf } from './graph.ts'
import { parseLabels, type LabelList } from './labels-file.ts'
import type { Evidence, PartialCard, Source } from './source.ts'

/** Files of labels, the usual ones first. */
const FILES = [
  'labels.txt', 'labels.json', 'classes.txt', 'classes.json', 'class_names.txt', 'class_names.json', 'label_names.txt', 'label_names.json',
  'index_to_name.json', 'id2label.json', 'imagenet_class_index.json', 'class_index.json', 'synset.txt'
]

/** Entries of the ONNX file's metadata that hold labels, as JSON. */
const ENTRIES = ['labels', 'class_names', 'classes', 'id2label', 'class_params']

/** Labels, and where they were read. */
interface Found extends LabelList {
  from: string
}

/**
 * Finds the labels: the texts in the graph, else those in the metadata, else those in a file beside the model, else the
 * numbers of the classes in the graph, else the index of each label, which is an assumption.
 *
 * It comes after the source of the output, because their number must be that of the classes.
 *
 * @throws ModelInvalid when there are more or fewer labels than classes, or when a file of labels is malformed
 */
export const inferLabels: Source = async (evidence, known) => {
  const { output, labels } = known
  const kind = output?.kind
  if (labels !== undefined || kind === undefined || kind === 'value' || kind === 'tensors') return null
  const classes = classesIn(evidence.graph, output)
  if (classes && typeof classes[0] === 'string') return { from: 'the classes in the graph', card: { labels: classes.map(String) } }
  const count = countOf(evidence.graph, known)
  const found = await findLabels(evidence)
  if (found) {
    if (count !== null && found.labels.length !== count) {
      throw new ModelInvalid(evidence.files.model, `${found.from} has ${found.labels.length} labels, but the model has ${count} classes; give the file with the model's own labels, or name them in card.json ("labels")`)
    }
    return { from: found.from, card: { labels: found.labels } }
  }
  if (classes) return { from: 'the classes in the graph', card: { labels: classes.map(String) } }
  if (count === null) return null
  return indices(count)
}

/** The labels that are left when nothing names them: the index of each. */
export function indices (count: number): { from: string, card: { labels: string[] }, assumptions: Array<{ field: string, assumed: string, because: string, card: string }> } {
  const labels = Array.from({ length: count }, (_, index) => String(index))
  return {
    from: 'the number of classes',
    card: { labels },
    assumptions: [{ field: '/labels', assumed: 'the index of each label as its text', because: 'no file and no metadata names the labels', card: JSON.stringify({ labels }) }]
  }
}

/**
 * The labels in the metadata or in a file beside the model, or null.
 *
 * @throws ModelInvalid when a file is malformed
 */
export async function findLabels ({ files, graph }: Evidence): Promise<Found | null> {
  for (const entry of ENTRIES) {
    const text = graph.metadata[entry]
    const list = text === undefined ? null : parseLabels(text, 'json')
    // Metadata of this name may be about something else.
    if (list?.labels.length) return { ...list, from: `the metadata '${entry}'` }
  }
  const { labels } = parseTritonConfig((await files.read(TRITON_CONFIG))?.toString('utf8') ?? '')
  for (const name of [...labels === undefined ? [] : [labels.toLowerCase()], ...FILES]) {
    const own = files.names.find(other => other.toLowerCase() === name)
    const bytes = own === undefined ? null : await files.read(own)
    if (!bytes || own === undefined) continue
    return { ...readList(files, own, bytes), from: own }
  }
  return null
}

function readList (files: ModelFiles, name: string, bytes: Buffer): LabelList {
  const isJson = name.toLowerCase().endsWith('.json')
  const list = parseLabels(bytes.toString('utf8'), isJson ? 'json' : 'text')
  if (list) return list
  const shapes = isJson ? '["ant", "bee"] or {"0": "ant", "1": "bee"}' : 'one label in each line, none empty'
  throw new ModelInvalid(files.model, `${name} is no list of labels; write ${shapes}`)
}

/** The values of the classes that the output is about. */
function classesIn (graph: Graph, output: PartialCard['output']): ReadonlyArray<number | string | boolean> | null {
  const classes = output && 'classes' in output ? output.classes : undefined
  if (classes) return classes
  return output?.kind === 'classes' || output?.kind === 'labels' ? classesOf(graph, { scores: output.tensor }) : null
}

/** Number of labels that a card needs, or null if the graph does not say. */
export function countOf (graph: Graph, { output }: Pick<PartialCard, 'output'>): number | null {
  if (output?.kind === 'binary') return 2
  const classes = classesIn(graph, output)
  if (classes) return classes.length
  const tensor = output && 'tensor' in output ? output.tensor : undefined
  const value = graph.outputs.find(({ name }) => name === tensor)
  return value ? columnsOf(value) : null
}
