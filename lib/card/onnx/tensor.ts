import type { DType } from '../../tensor.ts'
import { ELEMENTS, type Bounds } from './bounds.ts'
import { Fields, OnnxFault } from './wire.ts'

/** A constant tensor. */
export interface GraphTensor {
  /** null for types that ONNX Runtime's Node.js binding lacks. */
  dtype: DType | null
  shape: number[]
  /** Elements in row-major order; null when there are more than 64 Ki, or when they lie in an external file. */
  values: number[] | string[] | null
}

/** A TensorProto without its elements. */
export interface TensorHead {
  name: string
  /** ONNX's number of the data type. */
  type: number
  shape: number[]
  /** Number of elements. */
  count: number
  /** Where the elements lie if not in the ONNX file: location, offset, length. */
  external: ReadonlyMap<string, string> | null
}

/** A data type: its name here if the binding has it, and the bits of one element in raw data. */
interface DataType {
  dtype: DType | null
  bits: number
  /** Reads one element at a byte of raw data. */
  at?: (bytes: DataView, byte: number) => number
}

/** The data types by their number in TensorProto.DataType. https://github.com/onnx/onnx/blob/main/onnx/onnx.proto3 */
const TYPES: Readonly<Record<number, DataType>> = {
  1: { dtype: 'float32', bits: 32, at: (bytes, byte) => bytes.getFloat32(byte, true) },
  2: { dtype: 'uint8', bits: 8, at: (bytes, byte) => bytes.getUint8(byte) },
  3: { dtype: 'int8', bits: 8, at: (bytes, byte) => bytes.getInt8(byte) },
  4: { dtype: 'uint16', bits: 16, at: (bytes, byte) => bytes.getUint16(byte, true) },
  5: { dtype: 'int16', bits: 16, at: (bytes, byte) => bytes.getInt16(byte, true) },
  6: { dtype: 'int32', bits: 32, at: (bytes, byte) => bytes.getInt32(byte, true) },
  7: { dtype: 'int64', bits: 64, at: (bytes, byte) => Number(bytes.getBigInt64(byte, true)) },
  8: { dtype: 'string', bits: 0 },
  9: { dtype: 'bool', bits: 8, at: (bytes, byte) => bytes.getUint8(byte) },
  10: { dtype: 'float16', bits: 16, at: (bytes, byte) => float16(bytes.getUint16(byte, true)) },
  11: { dtype: 'float64', bits: 64, at: (bytes, byte) => bytes.getFloat64(byte, true) },
  12: { dtype: 'uint32', bits: 32, at: (bytes, byte) => bytes.getUint32(byte, true) },
  13: { dtype: 'uint64', bits: 64, at: (bytes, byte) => Number(bytes.getBigUint64(byte, true)) },
  14: { dtype: null, bits: 64 },
  15: { dtype: null, bits: 128 },
  16: { dtype: null, bits: 16, at: (bytes, byte) => bfloat16(bytes.getUint16(byte, true)) },
  17: { dtype: null, bits: 8 },
  18: { dtype: null, bits: 8 },
  19: { dtype: null, bits: 8 },
  20: { dtype: null, bits: 8 },
  21: { dtype: null, bits: 4 },
  22: { dtype: null, bits: 4 },
  23: { dtype: null, bits: 4 },
  24: { dtype: null, bits: 8 },
  25: { dtype: null, bits: 2 },
  26: { dtype: null, bits: 2 }
}

const [FLOAT16, BFLOAT16, STRING] = [10, 16, 8]

/** Most axes of a tensor. */
const AXES = 64

/** Most elements of a tensor: more than fit any memory. */
const COUNT = 2 ** 40

/** TensorProto.DataLocation. */
const EXTERNAL = 1

/** The name of ONNX's data type with this number; null if ONNX Runtime's Node.js binding does not have it. */
export function dtypeOf (type: number): DType | null {
  return TYPES[type]?.dtype ?? null
}

/** Bytes of the elements of a tensor in raw data; null for unknown types and for strings. */
export function sizeOf ({ type, count }: Pick<TensorHead, 'type' | 'count'>): number | null {
  const bits = TYPES[type]?.bits
  return bits ? Math.ceil(count * bits / 8) : null
}

/**
 * Reads a TensorProto without its elements.
 *
 * @throws OnnxFault when its shape is absurd, or its raw data do not fit its shape
 */
export function readHead (bytes: Buffer): TensorHead {
  const fields = new Fields(bytes)
  const external = new Map<string, string>()
  const shape: number[] = []
  let [name, type, location, raw] = ['', 0, 0, -1]
  while (fields.next() && shape.length <= AXES) {
    if (fields.number === 1) fields.ints(shape, AXES)
    else if (fields.number === 2) type = fields.int()
    else if (fields.number === 8) name = fields.text()
    else if (fields.number === 9) raw = fields.once().length
    else if (fields.number === 14) location = fields.int()
    else if (fields.number === 13) {
      const [key, value] = readEntry(fields.bytes())
      if (external.has(key) || external.size >= 100) throw new OnnxFault(`says twice where the data of the tensor ${quoted(name)} lie; export it again`)
      external.set(key, value)
    }
  }
  const count = shape.reduce((product, length) => product * length, 1)
  if (shape.length > AXES || shape.some(length => length < 0) || !(count <= COUNT)) {
    throw new OnnxFault(`is damaged: the tensor ${quoted(name)} has the impossible shape [${shape.slice(0, 8).join()}${shape.length > 8 ? ',…' : ''}]; export it again`)
  }
  const head = { name, type, shape, count, external: location === EXTERNAL ? external : null }
  const size = sizeOf(head)
  if (raw >= 0 && !head.external && size !== null && raw !== size) {
    throw new OnnxFault(`is damaged: the tensor ${quoted(name)} takes ${size} bytes and has ${raw}; download or export it again`)
  }
  return head
}

/**
 * Reads a TensorProto with its elements, if there are few enough.
 *
 * @throws OnnxFault as `readHead` does
 */
export function readTensor (bytes: Buffer, bounds: Bounds): GraphTensor {
  const head = readHead(bytes)
  const { type, shape, count, external } = head
  const values = external || !bounds.keeps(count) ? null : type === STRING ? readStrings(bytes, head, bounds) : readNumbers(bytes, head)
  return { dtype: dtypeOf(type), shape, values }
}

/** The name of a value or file for a message: short, and without characters that would break the line. */
export function quoted (name: string): string {
  return `'${printable(name, 64)}'`
}

/** At most `limit` characters of a text, with a space for each that cannot be printed on one line. */
export function printable (text: string, limit: number): string {
  const line = text.slice(0, limit).replaceAll(/[\p{C}\p{Z}]/gu, ' ')
  return text.length > limit ? `${line}…` : line
}

/** A StringStringEntryProto. */
export function readEntry (bytes: Buffer, limit?: number): [key: string, value: string] {
  const fields = new Fields(bytes)
  let [key, value] = ['', '']
  while (fields.next()) {
    if (fields.number === 1) key = fields.text()
    else if (fields.number === 2) value = fields.text(limit)
  }
  return [key, value]
}

function readStrings (bytes: Buffer, { count }: TensorHead, bounds: Bounds): string[] | null {
  const values: string[] = []
  const fields = new Fields(bytes)
  while (fields.next()) if (fields.number === 6 && values.length <= ELEMENTS) values.push(bounds.text(fields.text()))
  return values.length === count ? values : null
}

/** The numbers of a tensor, from raw data or from the field of its type. null when there are more or fewer than its shape says. */
function readNumbers (bytes: Buffer, { type, count }: TensorHead): number[] | null {
  const fields = new Fields(bytes)
  const at = TYPES[type]?.at
  let values: number[] = []
  while (fields.next()) {
    if (fields.number === 4) fields.floats(values, count)
    else if (fields.number === 5 || fields.number === 7 || fields.number === 11) fields.ints(values, count)
    else if (fields.number === 10) fields.doubles(values, count)
    else if (fields.number === 9 && at) {
      const raw = fields.bytes()
      const view = new DataView(raw.buffer, raw.byteOffset, raw.length)
      const step = raw.length / count
      return Array.from({ length: count }, (_, index) => at(view, index * step))
    }
  }
  if (type === FLOAT16) values = values.map(float16)
  if (type === BFLOAT16) values = values.map(bfloat16)
  return at && values.length === count ? values : null
}

/** The number that 16 bits mean. https://en.wikipedia.org/wiki/Half-precision_floating-point_format */
export function float16 (bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1
  const exponent = bits >> 10 & 0x1f
  const fraction = bits & 0x3ff
  if (exponent === 0x1f) return fraction ? NaN : sign * Infinity
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1 + fraction / 1024) * 2 ** (exponent - 15)
}

/** The number that the upper 16 bits of a float32 mean. */
function bfloat16 (bits: number): number {
  return new Float32Array(new Uint32Array([bits << 16]).buffer)[0] ?? NaN
}
