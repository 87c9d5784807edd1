import { FAMILIES, rangeOf, type Family, type Range } from '../numbers.ts'
import type { Signature, TensorSpec } from '../../tensor.ts'
import type { ColumnType, Feature, TableInput, Value } from './input.ts'

/** A column of the table, with the tensor and the type that the card may say once for all. */
export interface Column extends Feature {
  /** Name of the input tensor. */
  tensor: string
  type: ColumnType
  family: Family
  /** What the type can hold; `null` for types without numbers. */
  holds: Range | null
  /** The same, if every number in it will do. */
  plain: Range | null
  /** The values that the model knows; `null` if any value of the type will do. */
  known: ReadonlySet<Value> | null
}

/** An input tensor, and the places of its columns among the features. */
export interface TensorColumns {
  spec: TensorSpec
  /** Index of the feature of each column. */
  places: number[]
}

const COLUMNS = new WeakMap<TableInput, Column[]>()

/** The columns of a table, in the order of the features. */
export function columnsOf (input: TableInput): Column[] {
  const made = COLUMNS.get(input)
  if (made) return made
  const columns = input.features.map((feature): Column => {
    const type = feature.type ?? input.type ?? 'float32'
    const [family, holds] = [FAMILIES[type], rangeOf(type)]
    return { ...feature, tensor: feature.tensor ?? input.tensor ?? '', type, family, holds, plain: family === 'float' && !feature.values ? holds : null, known: feature.values ? new Set(feature.values) : null }
  })
  COLUMNS.set(input, columns)
  return columns
}

/**
 * The input tensors of a table, in the order of their first columns. A tensor has the axes [batch, columns]; a tensor of one
 * column that the model declares as [batch] has this axis alone.
 *
 * @param signature what the ONNX file declares
 */
export function tensorsOf (input: TableInput, signature?: Signature): TensorColumns[] {
  const places = new Map<string, number[]>()
  const columns = columnsOf(input)
  for (const [at, { tensor }] of columns.entries()) places.set(tensor, [...places.get(tensor) ?? [], at])
  return [...places].map(([name, places]) => {
    const declared = signature?.inputs.find(input => input.name === name)
    const isFlat = places.length === 1 && declared?.shape.length === 1
    return { spec: { name, dtype: columns[places[0]!]!.type, shape: isFlat ? [null] : [null, places.length] }, places }
  })
}

/** A row of plausible values: the card's example; or else the middle of the range, or the first known value. */
export function exampleOf (input: TableInput): Value[] {
  return columnsOf(input).map(({ example, min, max, values, family }) => {
    if (example !== undefined) return example
    if (min !== undefined || max !== undefined) {
      const middle = ((min ?? max ?? 0) + (max ?? min ?? 0)) / 2
      return family === 'integer' ? Math.floor(middle) : Number(middle.toPrecision(6))
    }
    return values?.[0] ?? { float: 0, integer: 0, bool: false, string: '' }[family]
  })
}

/**
 * Checks the rules for the columns of a card that its schema cannot express.
 *
 * @returns the first error message, or `null`
 */
export function faultOf (input: TableInput): string | null {
  const seen = new Map<string, Column>()
  const names = new Set<string>()
  for (const [at, column] of columnsOf(input).entries()) {
    const first = seen.get(column.tensor) ?? column
    seen.set(column.tensor, first)
    const fault = names.has(column.name) ? 'another feature has the same name' : faultOfColumn(column, first)
    if (fault !== null) return `/input/features/${at}: '${column.name}': ${fault}`
    names.add(column.name)
  }
  return null
}

function faultOfColumn ({ tensor, type, family, holds, min, max, values = [], example, others, optional, known }: Column, first: Column): string | null {
  if (tensor === '') return "'tensor' is missing, in the feature and in the input; name the model's input tensor"
  if (type !== first.type) return `its type is ${type}, but the tensor '${tensor}' is ${first.type}`
  if (optional && family !== 'float') return `'optional' needs a float type, and ${type} has no NaN for a missing value`
  if ((min !== undefined || max !== undefined) && !holds) return `'min' and 'max' are for numbers, and the type is ${type}`
  if (min !== undefined && max !== undefined && min > max) return `'min' ${min} is larger than 'max' ${max}`
  if (others && !known) return "'others' needs 'values'"
  const wrong = values.find(value => !fits(value, family))
  if (wrong !== undefined) return `the value ${JSON.stringify(wrong)} in 'values' is not a ${type}`
  if (example === undefined) return null
  if (!fits(example, family)) return `'example' ${JSON.stringify(example)} is not a ${type}`
  return known && !others && !known.has(example) ? `'example' ${JSON.stringify(example)} is not in 'values'` : null
}

function fits (value: Value, family: Family): boolean {
  switch (family) {
    case 'float': return typeof value === 'number'
    case 'integer': return Number.isSafeInteger(value)
    case 'bool': return typeof value === 'boolean'
    case 'string': return typeof value === 'string'
  }
}
