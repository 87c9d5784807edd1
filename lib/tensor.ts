/**
 * Tensors as plain data: they cross to worker threads, and no part of the service but the session knows ONNX Runtime's
 * own class. This module imports nothing.
 *
 * @see https://onnx.ai/onnx/repo-docs/IR.html#tensor-definition
 */

/** What holds the elements of each data type: bool as 0 and 1, float16 as its bits. */
const ARRAYS = {
  float32: Float32Array,
  float64: Float64Array,
  float16: Uint16Array,
  int8: Int8Array,
  int16: Int16Array,
  int32: Int32Array,
  int64: BigInt64Array,
  uint8: Uint8Array,
  uint16: Uint16Array,
  uint32: Uint32Array,
  uint64: BigUint64Array,
  bool: Uint8Array,
  string: Array<string>
} as const

/** The element types that ONNX Runtime's Node.js binding takes and returns. */
export type DType = keyof typeof ARRAYS

/** A typed array for numbers and booleans, a list for strings. */
type Elements<Type extends DType> = InstanceType<typeof ARRAYS[Type]>

/** Elements in row-major order. */
export type Tensor = { [Type in DType]: { dtype: Type, shape: number[], data: Elements<Type> } }[DType]

/** Tensors by the name of the model's input or output. */
export type Tensors = Record<string, Tensor>

/** What a model says of one of its inputs or outputs. */
export interface TensorSpec {
  name: string
  dtype: DType
  /** Length of each axis; `null` is any length. */
  shape: Array<number | null>
}

/** The inputs and outputs that an ONNX file declares, in its order. */
export interface Signature {
  inputs: TensorSpec[]
  outputs: TensorSpec[]
}

/** Whether a name is one of the data types. */
export function isDType (name: string): name is DType {
  return name in ARRAYS
}

/** How many elements a tensor of a shape has. */
export function lengthOf (shape: readonly number[]): number {
  return shape.reduce((product, length) => product * length, 1)
}

/**
 * A tensor of elements that come from elsewhere.
 *
 * @throws Error when the elements are not of the type, or not as many as the shape says
 */
export function tensorOf (dtype: string, shape: readonly number[], data: unknown): Tensor {
  const tensor = { dtype, shape: [...shape], data }
  if (!isTensor(tensor)) throw new Error(`a tensor of ${dtype} [${shape.join()}] has other elements than its type and shape say`)
  return tensor
}

function isTensor (tensor: { dtype: string, shape: number[], data: unknown }): tensor is Tensor {
  const { dtype, shape, data } = tensor
  if (!isDType(dtype) || !(data instanceof ARRAYS[dtype])) return false
  return data.length === lengthOf(shape)
}

/** The rows of a tensor from one on, along its first axis; numbers share their memory with the tensor. */
export function rowsOf ({ dtype, shape: [, ...shape], data }: Tensor, first: number, count: number): Tensor {
  const length = lengthOf(shape)
  const [from, to] = [first * length, (first + count) * length]
  return tensorOf(dtype, [count, ...shape], Array.isArray(data) ? data.slice(from, to) : data.subarray(from, to))
}

/** The same rows of each of several tensors. */
export function rowsOfAll (tensors: Tensors, first: number, count: number): Tensors {
  return Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [name, rowsOf(tensor, first, count)]))
}

/** How many rows tensors have along their first axis, which is the same for all; tensors without an axis are one row. */
export function countOf (tensors: Tensors): number {
  const [first] = Object.values(tensors)
  return first?.shape[0] ?? 1
}

/**
 * Tensors of one type, one behind the other along their first axis.
 *
 * @throws Error when their types or their other axes differ
 */
export function concatenate (tensors: readonly Tensor[]): Tensor {
  const [first] = tensors
  if (!first) throw new Error('no tensors to concatenate')
  if (tensors.length === 1) return first
  const [, ...shape] = first.shape
  const count = tensors.reduce((sum, tensor) => sum + (tensor.shape[0] ?? 1), 0)
  if (tensors.some(({ dtype, shape: [, ...other] }) => dtype !== first.dtype || other.join() !== shape.join())) {
    throw new Error('tensors of different types or shapes cannot be concatenated')
  }
  const { dtype } = first
  const parts = tensors.map(({ data }) => data)
  if (dtype === 'string') return tensorOf(dtype, [count, ...shape], parts.flatMap(part => Array.isArray(part) ? part : []))
  const bytes = parts.flatMap(part => Array.isArray(part) ? [] : [new Uint8Array(part.buffer, part.byteOffset, part.byteLength)])
  const all = new Uint8Array(bytes.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const part of bytes) {
    all.set(part, at)
    at += part.length
  }
  // Checked by tensorOf(): the constructors share no signature that TypeScript sees.
  const data: unknown = Reflect.construct(ARRAYS[dtype], [all.buffer])
  return tensorOf(dtype, [count, ...shape], data)
}
