import { isDType, type DType } from '../tensor.ts'
import { fromFloat16 } from '../float16.ts'
import type { NestedValues, Value } from './values.ts'

/** Longest header that is read: a shape has at most 64 axes. */
const HEADER_BYTES = 64 * 1024

/** Longest text of an array of texts, in letters. */
const TEXT_LETTERS = 4096

const view = (bytes: Buffer) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)

/** Reads one element of each of NumPy's types. */
const READERS: Record<string, { dtype: DType, read: (view: DataView, at: number) => Value }> = {
  b1: { dtype: 'bool', read: (view, at) => view.getUint8(at) !== 0 },
  i1: { dtype: 'int8', read: (view, at) => view.getInt8(at) },
  i2: { dtype: 'int16', read: (view, at) => view.getInt16(at, true) },
  i4: { dtype: 'int32', read: (view, at) => view.getInt32(at, true) },
  i8: { dtype: 'int64', read: (view, at) => view.getBigInt64(at, true) },
  u1: { dtype: 'uint8', read: (view, at) => view.getUint8(at) },
  u2: { dtype: 'uint16', read: (view, at) => view.getUint16(at, true) },
  u4: { dtype: 'uint32', read: (view, at) => view.getUint32(at, true) },
  u8: { dtype: 'uint64', read: (view, at) => view.getBigUint64(at, true) },
  f2: { dtype: 'float16', read: (view, at) => fromFloat16(view.getUint16(at, true)) },
  f4: { dtype: 'float32', read: (view, at) => view.getFloat32(at, true) },
  f8: { dtype: 'float64', read: (view, at) => view.getFloat64(at, true) }
}

/**
 * Reads an array that NumPy has saved: numbers, booleans and texts of fixed length, in C order.
 *
 * @throws Error whose message says what is wrong with the array, and how to save it
 * @see https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
 */
export function readNpy (bytes: Buffer): NestedValues {
  if (bytes.toString('latin1', 0, 6) !== '\x93NUMPY') throw new Error('is not an array of NumPy; save it with numpy.savez')
  const lengthBytes = bytes[6] === 1 ? 2 : 4
  if (bytes.length < 8 + lengthBytes) throw new Error('is cut off; save it again')
  const headerLength = bytes.readUIntLE(8, lengthBytes)
  const start = 8 + lengthBytes + headerLength
  if (headerLength > HEADER_BYTES || start > bytes.length) throw new Error('is damaged: its header is too long; save it again')
  const header = bytes.toString('latin1', 8 + lengthBytes, start)
  const [, order = '', code = '', size = ''] = /'descr': *'([<>|=]?)([a-zA-Z])(\d*)'/.exec(header) ?? []
  if (/'fortran_order': *True/.test(header)) throw new Error('is in Fortran order; save numpy.ascontiguousarray(…) of it')
  if (order === '>') throw new Error('is big-endian; save array.astype(array.dtype.newbyteorder("<")) of it')
  const shape = (/'shape': *\(([\d, ]*)\)/.exec(header)?.[1] ?? '').split(',').map(axis => axis.trim()).filter(axis => axis !== '').map(Number)
  const count = shape.reduce((product, axis) => product * axis, 1)
  const data = bytes.subarray(start)
  const reader = code === 'U' ? textReader(Number(size)) : READERS[`${code}${size}`]
  if (!reader) throw new Error(`holds elements of the type '${code}${size}', which is neither a number, a boolean nor a text of fixed length (an array of objects? save array.astype(str) of it)`)
  const elementBytes = code === 'U' ? Number(size) * 4 : Number(size)
  // Also bounds the number of elements by the size of the file; elements of zero bytes would not be bounded.
  if (data.length !== count * elementBytes || (elementBytes === 0 && count > 0)) throw new Error(`has ${data.length} bytes of data, not ${count * elementBytes}; save it again`)
  const source = view(data)
  return { dtype: isDType(reader.dtype) ? reader.dtype : null, shape, values: Array.from({ length: count }, (_, at) => reader.read(source, at * elementBytes)) }
}

/** Texts are UTF-32, filled up with zeros. */
function textReader (letters: number): { dtype: DType, read: (view: DataView, at: number) => Value } | undefined {
  if (letters > TEXT_LETTERS) return undefined
  return {
    dtype: 'string',
    read: (view, at) => {
      let text = ''
      for (let letter = 0; letter < letters; letter++) {
        const point = view.getUint32(at + letter * 4, true)
        if (point > 0x10ffff) throw new Error('is damaged: it holds a letter that is none; save it again')
        text += String.fromCodePoint(point)
      }
      return text.replace(/\0+$/, '')
    }
  }
}
