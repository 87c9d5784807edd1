import { TensorUnusable, TooManyInputs } from '../../lib/errors.ts'
import { columnsOf, exampleOf } from '../../lib/modalities/table/columns.ts'
import type { RowItem, TableInput } from '../../lib/modalities/table/input.ts'
import { rowFromJson } from '../../lib/modalities/table/values.ts'
import { elementOf } from '../../lib/output/numbers.ts'
import type { Tensor } from '../../lib/tensor.ts'
import { nextTurn } from '../../lib/turn.ts'
import { datatypeOf } from '../open-inference/datatypes.ts'
import { placeOf, tensorOfGiven } from '../open-inference/given.ts'
import type { GivenTensor } from '../open-inference/question.ts'

/** How many values to read in one turn of the event loop. That takes about 2 milliseconds. */
const VALUES_PER_TURN = 16_384

/**
 * Reads rows from tensors that are named after the features of the model: one column each, [n] or [n, 1], of any data type
 * that fits.
 *
 * @param limit largest number of rows
 * @returns `null` if no tensor has the name of a feature
 * @throws RowUnusable, TensorUnusable that name the feature, and the features that are missing
 */
export async function rowsOfTensors (tensors: readonly GivenTensor[], input: TableInput, limit: number): Promise<RowItem[] | null> {
  const [first] = tensors
  if (!first || !tensors.some(({ name }) => input.features.some(feature => feature.name === name))) return null
  const count = countOf(first)
  if (count > limit) throw new TooManyInputs(limit)
  for (const tensor of tensors) {
    if (countOf(tensor) === count) continue
    throw new TensorUnusable(`${placeOf(tensor.name)} has ${countOf(tensor)} rows, and ${placeOf(first.name)} has ${count}; all columns must have the same number.`)
  }
  const columns: Array<[string, Tensor]> = []
  for (const tensor of tensors) columns.push([tensor.name, await tensorOfGiven(tensor)])
  const rowsPerTurn = Math.ceil(VALUES_PER_TURN / columns.length)
  const rows: RowItem[] = []
  for (let at = 0; at < count; at++) {
    rows.push(rowFromJson(Object.fromEntries(columns.map(([name, tensor]) => [name, valueOf(tensor, at)])), `row ${at + 1}`, input))
    if (rows.length % rowsPerTurn === 0) await nextTurn()
  }
  return rows
}

/** Number of rows of a column. @throws TensorUnusable when the tensor is no column */
function countOf ({ name, shape }: GivenTensor): number {
  const [count = 0, ...axes] = shape
  if (count > 0 && axes.length <= 1 && axes.every(length => length === 1)) return count
  throw new TensorUnusable(`${placeOf(name)} is [${shape}]; a column of a table is [n] or [n, 1].`)
}

/** A value for the reader of rows. NaN is what a missing number is in a tensor. */
function valueOf (tensor: Tensor, at: number): unknown {
  const value = elementOf(tensor, at)
  if (typeof value === 'bigint') return Number(value)
  return Number.isNaN(value) ? null : value
}

/** A row as such tensors. */
export function rowTensors (input: TableInput): GivenTensor[] {
  const example = exampleOf(input)
  return columnsOf(input).map(({ name, type }, at) => ({ name, datatype: datatypeOf(type), shape: [1], values: [example[at]] }))
}
