/**
 * Tensors as plain data, which can be sent to worker threads. Only the session uses ONNX Runtime's own tensor class.
 * This module imports nothing.
 *
 * @see https://onnx.ai/onnx/repo-docs/IR.html#tensor-definition
 */

/** The array class for each data type. bool is stored as 0 and 1, float16 as its 16 bits. */
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

/** The data types that ONNX Runtime's Node.js binding supports. */
export type DType = keyof typeof ARRAYS

/** Typed array for numbers and booleans, plain array for strings. */
type Elements<Type extends DType> = InstanceType<typeof ARRAYS[Type]>

/** A tensor; `data` is in row-major order. */
export type Tensor = { [Type in DType]: { dtype: Type, shape: number[], data: Elements<Type> } }[DType]

/** Tensors, keyed by the name of the model's input or output. */
export type Tensors = Record<string, Tensor>

/** Declaration of one input or output of a model. */
export interface TensorSpec {
  name: string
  dtype: DType
  /** Length of each axis; `null` means any length. */
  shape: Array<number | null>
}

/** The inputs and outputs that an ONNX file declares, in the order of the file. */
export interface Signature {
  inputs: TensorSpec[]
  outputs: TensorSpec[]
}

/** Whether a name is a supported data type. */
export function isDType (name: string): name is DType {
  return name in ARRAYS
}

/** Number of elements of a tensor with this shape. */
export function lengthOf (shape: readonly number[]): number {
  return shape.reduce((product, length) => product * length, 1)
}

/**
 * Makes a tensor from unchecked data.
 *
 * @throws Error when `data` is not the array class of the data type, or has another length than the shape says
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

/**
 * Slices a tensor along its first axis. The slice shares its memory with the tensor; only strings are copied.
 *
 * @param first index of the first row
 * @param count number of rows
 */
export function rowsOf ({ dtype, shape: [, ...shape], data }: Tensor, first: number, count: number): Tensor {
  const length = lengthOf(shape)
  const [from, to] = [first * length, (first + count) * length]
  return tensorOf(dtype, [count, ...shape], Array.isArray(data) ? data.slice(from, to) : data.subarray(from, to))
}

/** Slices several tensors along their first axis, as `rowsOf` does. */
export function rowsOfAll (tensors: Tensors, first: number, count: number): Tensors {
  return Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [name, rowsOf(tensor, first, count)]))
}

/** Number of rows of tensors: the length of their first axis, which must be the same for all. A scalar is one row. */
export function countOf (tensors: Tensors): number {
  const [first] = Object.values(tensors)
  return first?.shape[0] ?? 1
}

/** Bytes of the numbers of tensors; texts do not count. */
export function bytesIn (tensors: Tensors): number {
  return Object.values(tensors).reduce((sum, { data }) => sum + (Array.isArray(data) ? 0 : data.byteLength), 0)
}

/**
 * Concatenates tensors along their first axis.
 *
 * @throws Error when there are none, or when their data types or other axes differ
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
  // TypeScript sees no common signature of the constructors, so tensorOf() checks the result.
  const data: unknown = Reflect.construct(ARRAYS[dtype], [all.buffer])
  return tensorOf(dtype, [count, ...shape], data)
}
