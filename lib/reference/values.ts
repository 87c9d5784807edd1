import { fromFloat16, toFloat16 } from '../float16.ts'
import { tensorOf, type DType, type Tensor } from '../tensor.ts'

/** An element of a tensor, as people write it. */
export type Value = number | bigint | string | boolean

/** The elements of a tensor in row-major order, before they have the model's data type. */
export interface NestedValues {
  /** Data type that the file says; null: it says none. */
  dtype: DType | null
  shape: number[]
  values: Value[]
}

/** Deepest list that is read. */
const DEPTH = 16

/**
 * Reads nested lists of JSON, such as `[[1, 2], [3, 4]]`.
 *
 * @throws Error when the lists are not of equal lengths, or hold something other than numbers, texts, booleans and null (NaN)
 */
export function readLists (lists: unknown): NestedValues {
  const shape: number[] = []
  for (let first = lists; Array.isArray(first); first = first[0]) {
    if (shape.length === DEPTH) throw new Error(`is nested more than ${DEPTH} deep`)
    shape.push(first.length)
  }
  const values: Value[] = []
  const read = (part: unknown, depth: number): void => {
    if (depth < shape.length) {
      if (!Array.isArray(part) || part.length !== shape[depth]) throw new Error(`has lists of different lengths; it begins as [${shape.join()}]`)
      for (const item of part) read(item, depth + 1)
    } else if (typeof part === 'number' || typeof part === 'string' || typeof part === 'boolean') values.push(part)
    else if (part === null) values.push(NaN)
    else throw new Error('holds something other than numbers, texts, booleans and null')
  }
  read(lists, 0)
  return { dtype: null, shape, values }
}

/** How to make the array of each data type. */
const MAKERS: Record<DType, (values: Value[]) => unknown> = {
  float32: values => Float32Array.from(values, Number),
  float64: values => Float64Array.from(values, Number),
  float16: values => Uint16Array.from(values, value => toFloat16(Number(value))),
  int8: values => Int8Array.from(values, whole),
  int16: values => Int16Array.from(values, whole),
  int32: values => Int32Array.from(values, whole),
  int64: values => BigInt64Array.from(values, value => BigInt(typeof value === 'bigint' ? value : whole(value))),
  uint8: values => Uint8Array.from(values, whole),
  uint16: values => Uint16Array.from(values, whole),
  uint32: values => Uint32Array.from(values, whole),
  uint64: values => BigUint64Array.from(values, value => BigInt(typeof value === 'bigint' ? value : whole(value))),
  bool: values => Uint8Array.from(values, Number),
  string: values => values.map(String)
}

function whole (value: Value): number {
  const number = Number(value)
  if (!Number.isInteger(number)) throw new Error(`holds ${String(value)}, and the model takes integers`)
  return number
}

/**
 * Makes a tensor of the model's data type, as NumPy's `astype` does.
 *
 * @throws Error when texts are given for numbers, numbers for texts, or fractions for integers
 */
export function toTensor ({ shape, values }: NestedValues, dtype: DType): Tensor {
  const isText = dtype === 'string'
  if (values.some(value => (typeof value === 'string') !== isText)) throw new Error(`holds ${isText ? 'something other than texts' : 'texts'}, and the model takes ${dtype}`)
  return tensorOf(dtype, shape, MAKERS[dtype](values))
}

/** The elements of a tensor, with 16-bit floats as numbers. */
export function valuesOf (tensor: Tensor): Value[] {
  if (tensor.dtype === 'float16') return Array.from(tensor.data, fromFloat16)
  return tensor.dtype === 'bool' ? Array.from(tensor.data, Boolean) : Array.from<Value>(tensor.data)
}

/**
 * Compares an output of the model with the reference.
 *
 * @param tolerance largest difference of two numbers
 * @returns what differs, for people; null: nothing
 */
export function differenceOf (found: NestedValues, wanted: NestedValues, tolerance: number): string | null {
  if (found.values.length !== wanted.values.length) return `has the shape [${found.shape}], the reference [${wanted.shape}]`
  let count = 0
  let most = -1
  let worst = ''
  for (const [at, value] of found.values.entries()) {
    const other = wanted.values[at]!
    const difference = distance(value, other)
    if (difference <= tolerance) continue
    count++
    if (difference > most) [most, worst] = [difference, `element ${at} is ${String(value)}, in the reference ${String(other)}`]
  }
  return count === 0 ? null : `differs in ${count} of ${wanted.values.length} elements by more than ${tolerance}: ${worst}`
}

/** Texts are equal or not. Two values that are no numbers are equal, and so are equal infinities. */
function distance (one: Value, other: Value): number {
  if (typeof one === 'string' || typeof other === 'string') return String(one) === String(other) ? 0 : Infinity
  const [a, b] = [Number(one), Number(other)]
  if (Object.is(a, b) || a === b) return 0
  return Number.isNaN(a) || Number.isNaN(b) ? Infinity : Math.abs(a - b)
}
