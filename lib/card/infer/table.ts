import { COLUMN_TYPES, type TableInput } from '../../modalities/table/input.ts'
import type { Graph, GraphValue } from '../onnx/graph.ts'
import { columnFacts, type ColumnFacts } from './columns.ts'
import { columnsOf, constantOf } from './graph.ts'
import type { Assumption, Source } from './source.ts'

/** Most columns of a table. A wider tensor is a picture or a signal, and nobody fills it in by hand. */
const COLUMNS = 1024

type Feature = TableInput['features'][number]
type ColumnType = typeof COLUMN_TYPES[number]

/**
 * Finds the columns of a table: those of one tensor, [batch, columns], or named ones, each a tensor of [batch, 1] or
 * [batch]. A tensor of several columns has no names for them: they are named by their place, which is an assumption.
 */
export const inferTable: Source = async ({ graph }, known) => {
  const isStated = known.input?.kind === 'table'
  if (known.input?.kind ? !isStated : known.output?.kind === 'tensors') return null
  const counts = new Map(graph.inputs.map(value => [value.name, columnCount(graph, value)]))
  const total = [...counts.values()].reduce<number>((sum, count) => sum + (count ?? Infinity), 0)
  const types = graph.inputs.map(({ dtype }) => COLUMN_TYPES.find(type => type === dtype))
  if (graph.inputs.length === 0 || total > COLUMNS || types.includes(undefined)) return null

  const facts = columnFacts(graph, new Map([...counts].map(([name, count]) => [name, count ?? 0])))
  const [only] = graph.inputs
  if (only && graph.inputs.length === 1 && total > 1) {
    const type = types[0]
    const features = [...facts.get(only.name) ?? []].map((facts, at): Feature => ({ name: `x${at}`, ...shown(facts, type) }))
    return {
      from: `the input '${only.name}' of the graph`,
      card: { input: { kind: 'table', tensor: only.name, ...type && { type }, features } },
      assumptions: [namesAssumed(features, 'the model has one input tensor, which names no columns'), ...rangesAssumed(features)]
    }
  }
  const features = graph.inputs.flatMap(({ name }, input) => {
    const columns = facts.get(name) ?? []
    const type = types[input]
    return columns.map((facts, at): Feature => ({ name: columns.length === 1 ? name : `${name}_${at}`, tensor: name, ...type && { type }, ...shown(facts, type) }))
  })
  const isNamed = features.length === graph.inputs.length
  return {
    from: `the ${graph.inputs.length === 1 ? 'input' : 'inputs'} of the graph`,
    card: { input: { kind: 'table', features } },
    assumptions: [...isNamed ? [] : [namesAssumed(features, 'the input tensors of several columns do not name them')], ...rangesAssumed(features)]
  }
}

function namesAssumed (features: Feature[], because: string): Assumption {
  const [first, last] = [features[0]?.name ?? '', features.at(-1)?.name ?? '']
  return {
    field: '/input/features',
    assumed: `${first} to ${last} as names of the columns`,
    because,
    card: JSON.stringify({ input: { features: features.map(({ name }) => ({ name })) } })
  }
}

/** The ranges are what the trees tell apart, which may be less than the training data had. */
function rangesAssumed (features: Feature[]): Assumption[] {
  const first = features.findIndex(({ min }) => min !== undefined)
  if (first < 0) return []
  return [{
    field: `/input/features/${first}/min`,
    assumed: 'the range of the thresholds of the decision trees as the range of a column, for display',
    because: 'the file does not say which values the training data had',
    card: JSON.stringify({ input: { features: features.map(({ name, min, max, example }) => ({ name, ...min !== undefined && { min, max, example } })) } })
  }]
}

/** Number of columns of an input: as declared, else as the operators that take it need it. */
function columnCount (graph: Graph, value: GraphValue): number | null {
  const { type, shape, name } = value
  if (type !== 'tensor' || !shape || shape.length < 1 || shape.length > 2) return null
  // A tensor of a fixed length has no batch axis.
  if (shape.length === 1 && typeof shape[0] === 'number') return null
  return columnsOf(value) ?? columnsTaken(graph, name)
}

function columnsTaken (graph: Graph, input: string): number | null {
  for (const { opType, inputs: [first, second = ''], attributes } of graph.consumersOf(input)) {
    if (first !== input) continue
    if (opType === 'Scaler') return attributes['offset']?.floats?.length ?? null
    const weights = constantOf(graph, second)?.shape
    if (opType === 'MatMul' && weights?.length === 2) return weights[0] ?? null
    if (opType === 'Gemm' && weights?.length === 2 && (attributes['transA']?.int ?? 0) === 0) return weights[attributes['transB']?.int === 1 ? 1 : 0] ?? null
    const [rows, coefficients] = [attributes['intercepts']?.floats?.length ?? 0, attributes['coefficients']?.floats?.length ?? 0]
    if (/^Linear(Classifier|Regressor)$/.test(opType) && rows > 0 && coefficients % rows === 0) return coefficients / rows
  }
  return null
}

/** What a page shows about a column. Rounded, because these are typical values and no limits. */
function shown ({ values, others, mean, range }: ColumnFacts, type: ColumnType | undefined): Partial<Feature> {
  if (values) return { values, ...others && { others }, ...values[0] !== undefined && { example: values[0] } }
  if (type === undefined || type === 'string' || type === 'bool') return {}
  const round = (value: number, direction: (value: number) => number) => type.startsWith('float') ? Number(value.toPrecision(4)) : direction(value)
  const example = mean ?? (range && (range.min + range.max) / 2)
  return {
    ...range && { min: round(range.min, Math.floor), max: round(range.max, Math.ceil) },
    ...example !== undefined && { example: round(example, Math.round) }
  }
}
