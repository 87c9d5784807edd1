import type { Graph, GraphNode } from '../onnx/graph.ts'
import { numbersOf } from './graph.ts'

/** What the graph says about a column of an input tensor. */
export interface ColumnFacts {
  /** The categories of its encoder. */
  values?: Array<number | string>
  /** Whether the encoder takes other values too. */
  others?: boolean
  /** A typical value: the mean of the training data. */
  mean?: number
  /** Range of the values that decision trees compare it with, a little wider. For display only. */
  range?: { min: number, max: number }
}

/** Part of the range of the thresholds that is added on each side. */
const MARGIN = 0.1

/** Most columns that a value may hold on its way: concatenations could double it at each step. */
const COLUMNS = 16_384

/** Most columns of all values together. After that, no more is learned of the columns. */
const TOTAL = 1_048_576

/** A column of a value: an input's column, whether it is still as the client sent it, and its factor and offset. */
interface Column {
  facts: ColumnFacts
  /** No scaling so far. */
  isRaw: boolean
}

type Columns = ReadonlyArray<Column | null>

/**
 * What the graph says about the columns of its input tensors, by the name of the tensor: one list of facts for each.
 *
 * It goes through the graph in the order of its nodes and follows each column through the operators that exporters of
 * tables write: selections, concatenations, casts, scalers, and up to encoders and trees.
 *
 * @param inputs number of columns of each tensor
 */
export function columnFacts (graph: Graph, inputs: ReadonlyMap<string, number>): Map<string, ColumnFacts[]> {
  const facts = new Map([...inputs].map(([name, count]): [string, ColumnFacts[]] => [name, Array.from({ length: count }, () => ({}))]))
  const values = new Map([...facts].map(([name, list]): [string, Columns] => [name, list.map(facts => ({ facts, isRaw: true }))]))
  let total = 0
  for (const node of graph.nodes) {
    const [input = '', argument = ''] = node.inputs
    const columns = node.opType === 'Concat' ? concatenated(node, values) : values.get(input) ?? values.get(argument)
    const [output = ''] = node.outputs
    const result = columns && output !== '' ? through(graph, node, columns) : null
    if (!result || result.length > COLUMNS) continue
    total += result.length
    if (total > TOTAL) break
    values.set(output, result)
  }
  return facts
}

/** Notes what a node says about the columns that it takes. Returns the columns that it gives, or null if it mixes them. */
function through (graph: Graph, node: GraphNode, columns: Columns): Columns | null {
  const { attributes } = node
  switch (node.opType) {
    case 'Identity':
    case 'Cast':
    case 'Reshape':
    case 'Flatten':
    case 'Squeeze':
    case 'Unsqueeze':
    case 'Imputer':
    case 'Concat': return columns
    case 'Gather':
    case 'ArrayFeatureExtractor': {
      const indices = numbersOf(graph, node.inputs[1] ?? '')
      const isOfColumns = node.opType === 'ArrayFeatureExtractor' || [1, -1].includes(attributes['axis']?.int ?? 0)
      return isOfColumns && indices ? indices.map(index => columns.at(index) ?? null) : null
    }
    case 'OneHotEncoder':
      noteValues(columns, attributes['cats_strings']?.strings ?? attributes['cats_int64s']?.ints, (attributes['zeros']?.int ?? 1) !== 0)
      return null
    case 'LabelEncoder':
      noteValues(columns, attributes['keys_strings']?.strings ?? attributes['keys_int64s']?.ints ?? attributes['keys_floats']?.floats,
        'default_int64' in attributes || 'default_float' in attributes)
      return null
    case 'Scaler':
      noteMeans(columns, attributes['offset']?.floats)
      return columns.map(scaled)
    case 'Sub':
      noteMeans(columns, numbersOf(graph, node.inputs[1] ?? ''))
      return columns.map(scaled)
    case 'Mul':
    case 'Add':
    case 'Div': return columns.map(scaled)
    case 'TreeEnsembleClassifier':
    case 'TreeEnsembleRegressor':
      noteRanges(columns, node)
      return null
    default: return null
  }
}

function concatenated ({ inputs, attributes }: GraphNode, values: ReadonlyMap<string, Columns>): Columns | undefined {
  const parts = inputs.map(name => values.get(name))
  if (![1, -1].includes(attributes['axis']?.int ?? 0) || parts.reduce((sum, part) => sum + (part?.length ?? 0), 0) > COLUMNS) return undefined
  // The number of columns of an encoder's output is unknown here: what follows it has no known place.
  const known = parts.findIndex(part => part === undefined)
  return known === 0 ? undefined : parts.slice(0, known < 0 ? undefined : known).flatMap(part => part ?? [])
}

function scaled (column: Column | null): Column | null {
  return column?.isRaw ? { ...column, isRaw: false } : column
}

function noteValues (columns: Columns, values: readonly number[] | readonly string[] | undefined, others: boolean): void {
  const [column] = columns
  if (columns.length !== 1 || !column?.isRaw || column.facts.values || !values?.length) return
  Object.assign(column.facts, { values: [...values], ...others && { others } })
}

function noteMeans (columns: Columns, means: readonly number[] | null | undefined): void {
  if (!means || (means.length !== columns.length && means.length !== 1)) return
  columns.forEach((column, at) => {
    const mean = means.length === 1 ? means[0] : means[at]
    if (column?.isRaw && mean !== undefined && Number.isFinite(mean)) column.facts.mean ??= mean
  })
}

function noteRanges (columns: Columns, { attributes }: GraphNode): void {
  const [modes, features, thresholds] = [attributes['nodes_modes']?.strings, attributes['nodes_featureids']?.ints, attributes['nodes_values']?.floats]
  if (!modes || !features || !thresholds) return
  const ranges = new Map<number, { min: number, max: number }>()
  modes.forEach((mode, at) => {
    const [feature, threshold] = [features[at], thresholds[at]]
    if (mode === 'LEAF' || feature === undefined || threshold === undefined || !Number.isFinite(threshold)) return
    const range = ranges.get(feature)
    ranges.set(feature, { min: Math.min(range?.min ?? threshold, threshold), max: Math.max(range?.max ?? threshold, threshold) })
  })
  for (const [feature, { min, max }] of ranges) {
    const column = columns[feature]
    if (!column?.isRaw || max <= min || column.facts.range) continue
    column.facts.range = { min: min - MARGIN * (max - min), max: max + MARGIN * (max - min) }
  }
}
