import { isUtf8 } from 'node:buffer'
import { TensorUnusable } from '../../lib/errors.ts'
import { lengthOf, tensorOf, type DType, type Tensor } from '../../lib/tensor.ts'
import { nextTurn } from '../../lib/turn.ts'
import { datatypeOf, SIZES_BYTES } from './datatypes.ts'

/**
 * The binary tensor data extension: elements are little-endian, as in the memory of every machine that ONNX Runtime runs
 * on, so that a tensor of numbers is a view of the bytes that arrived.
 *
 * @see https://github.com/triton-inference-server/server/blob/main/docs/protocol/extension_binary_data.md
 */

/** Bytes of the length before each BYTES element. */
const PREFIX_BYTES = 4

/** How many BYTES elements to read or write in one turn of the event loop. */
const ELEMENTS_PER_TURN = 8192

/** How many bytes to look at in one turn of the event loop. */
const BYTES_PER_TURN = 256 * 1024

/**
 * Makes a tensor from its bytes. The tensor is a view of them if they are aligned; else they are copied.
 *
 * @param place name of the tensor in messages, such as `input 'X'`
 * @throws TensorUnusable when there are more or fewer bytes than the shape says, or when a text is not UTF-8
 */
export async function tensorFromBytes (dtype: DType, shape: readonly number[], bytes: Uint8Array, place: string): Promise<Tensor> {
  const length = lengthOf(shape)
  const size = SIZES_BYTES[dtype]
  if (size === null) return tensorOf(dtype, shape, await textsFrom(bytes, length, place))
  if (bytes.byteLength !== length * size) {
    throw new TensorUnusable(`${place} has ${bytes.byteLength} bytes; its shape [${shape}] of ${datatypeOf(dtype)} takes ${length * size}.`)
  }
  if (dtype === 'bool') await checkTruths(bytes, place)
  // The only copy of a tensor on this path, and only of one that is not aligned. A Buffer's slice() copies nothing.
  const { buffer, byteOffset } = bytes.byteOffset % size === 0 ? bytes : new Uint8Array(bytes)
  return tensorOf(dtype, shape, view(dtype, buffer, byteOffset, length))
}

/**
 * Splits BYTES elements: each has its length before it, a uint32. The elements are views of the bytes.
 *
 * @param count how many elements there must be
 * @throws TensorUnusable
 */
export async function elementsFrom (bytes: Uint8Array, count: number, place: string): Promise<Uint8Array[]> {
  const elements: Uint8Array[] = []
  await eachElement(bytes, count, place, element => { elements.push(element) })
  return elements
}

/** Calls `read` for each BYTES element. To keep them all would take many times their bytes if they are short. */
async function eachElement (bytes: Uint8Array, count: number, place: string, read: (element: Uint8Array, at: number) => void): Promise<void> {
  if (count * PREFIX_BYTES > bytes.byteLength) {
    throw new TensorUnusable(`${place} has ${bytes.byteLength} bytes, too few for the lengths of ${count} BYTES elements.`)
  }
  const lengths = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let next = 0
  for (let at = 0; at < count; at++) {
    const start = next + PREFIX_BYTES
    const end = start > bytes.byteLength ? Infinity : start + lengths.getUint32(next, true)
    if (end > bytes.byteLength) throw new TensorUnusable(`${place}: BYTES element ${at} ends after the ${bytes.byteLength} bytes of the tensor.`)
    read(bytes.subarray(start, end), at)
    next = end
    if (at % ELEMENTS_PER_TURN === ELEMENTS_PER_TURN - 1) await nextTurn()
  }
  if (next !== bytes.byteLength) throw new TensorUnusable(`${place} has ${bytes.byteLength - next} bytes after its ${count} BYTES elements.`)
}

/**
 * The bytes of a tensor. Those of numbers share its memory.
 */
export async function bytesOf ({ dtype, data }: Tensor): Promise<Uint8Array> {
  if (!Array.isArray(data)) return new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
  if (dtype !== 'string') throw new Error(`a tensor of ${dtype} holds texts`)
  let length = 0
  for (const text of data) length += PREFIX_BYTES + Buffer.byteLength(text)
  const bytes = Buffer.alloc(length)
  let at = 0
  for (const [index, text] of data.entries()) {
    const written = bytes.write(text, at + PREFIX_BYTES)
    bytes.writeUInt32LE(written, at)
    at += PREFIX_BYTES + written
    if (index % ELEMENTS_PER_TURN === ELEMENTS_PER_TURN - 1) await nextTurn()
  }
  return bytes
}

/** The texts of BYTES elements. @throws TensorUnusable when one is not UTF-8: a string of ONNX holds nothing else */
async function textsFrom (bytes: Uint8Array, count: number, place: string): Promise<string[]> {
  const texts: string[] = []
  await eachElement(bytes, count, place, (element, at) => {
    if (!isUtf8(element)) throw new TensorUnusable(`${place}: BYTES element ${at} is not a text of UTF-8, which the model takes.`)
    texts.push(Buffer.from(element.buffer, element.byteOffset, element.byteLength).toString())
  })
  return texts
}

async function checkTruths (bytes: Uint8Array, place: string): Promise<void> {
  for (let from = 0; from < bytes.byteLength; from += BYTES_PER_TURN) {
    const at = bytes.subarray(from, from + BYTES_PER_TURN).findIndex(byte => byte > 1)
    if (at >= 0) throw new TensorUnusable(`${place}: BOOL element ${from + at} is the byte ${bytes[from + at]}, not 0 or 1.`)
    if (from > 0) await nextTurn()
  }
}

function view (dtype: DType, buffer: ArrayBufferLike, byteOffset: number, length: number): unknown {
  switch (dtype) {
    case 'float32': return new Float32Array(buffer, byteOffset, length)
    case 'float64': return new Float64Array(buffer, byteOffset, length)
    case 'float16':
    case 'uint16': return new Uint16Array(buffer, byteOffset, length)
    case 'int8': return new Int8Array(buffer, byteOffset, length)
    case 'int16': return new Int16Array(buffer, byteOffset, length)
    case 'int32': return new Int32Array(buffer, byteOffset, length)
    case 'int64': return new BigInt64Array(buffer, byteOffset, length)
    case 'bool':
    case 'uint8': return new Uint8Array(buffer, byteOffset, length)
    case 'uint32': return new Uint32Array(buffer, byteOffset, length)
    case 'uint64': return new BigUint64Array(buffer, byteOffset, length)
    case 'string': throw new Error('texts are no view of bytes')
  }
}
