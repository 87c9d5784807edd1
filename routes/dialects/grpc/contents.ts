import protobuf from 'protobufjs/minimal.js'
import { AnswerTooLong, RequestInvalid, TensorUnusable } from '../../../lib/errors.ts'
import { lengthOf, type DType, type Tensor } from '../../../lib/tensor.ts'
import { nextTurn } from '../../../lib/turn.ts'
import { bytesOf } from '../../../wire/open-inference/binary.ts'
import { datatypeOf, SIZES_BYTES } from '../../../wire/open-inference/datatypes.ts'
import { Fields, Pace, WIRE } from './protobuf.ts'

/**
 * Elements of a tensor as a message, `InferTensorContents`: a list for each kind of number.
 *
 * @see https://github.com/kserve/open-inference-protocol/blob/main/specification/protocol/open_inference_grpc.proto
 */
const LISTS: ReadonlyArray<{ number: number, name: string, wire: number, dtypes: readonly DType[] }> = [
  { number: 1, name: 'bool_contents', wire: WIRE.VARINT, dtypes: ['bool'] },
  { number: 2, name: 'int_contents', wire: WIRE.VARINT, dtypes: ['int8', 'int16', 'int32'] },
  { number: 3, name: 'int64_contents', wire: WIRE.VARINT, dtypes: ['int64'] },
  { number: 4, name: 'uint_contents', wire: WIRE.VARINT, dtypes: ['uint8', 'uint16', 'uint32'] },
  { number: 5, name: 'uint64_contents', wire: WIRE.VARINT, dtypes: ['uint64'] },
  { number: 6, name: 'fp32_contents', wire: WIRE.FIXED_32, dtypes: ['float32'] },
  { number: 7, name: 'fp64_contents', wire: WIRE.FIXED_64, dtypes: ['float64'] },
  { number: 8, name: 'bytes_contents', wire: WIRE.BYTES, dtypes: ['string'] }
]

/** Bytes of the length before a BYTES element. */
const PREFIX_BYTES = 4

/** Most bytes of a varint. */
const VARINT_LIMIT_BYTES = 10

/** How many values an answer may have as typed contents, as in JSON. Raw contents have no such limit. */
const ANSWER_LIMIT_VALUES = 2_097_152

/** How many values to write in one turn of the event loop. */
const VALUES_PER_TURN = 16_384

/** Elements that are counted, but not read yet. */
export interface Counted {
  /** How much memory the elements take. */
  weightBytes: number
  /** The elements as bytes, little-endian and in row-major order; BYTES each after its length. */
  read: () => Promise<Uint8Array>
}

/**
 * Counts the elements of typed contents in pieces. They are read only when their number is that of the shape, so that a
 * small message cannot take much memory.
 *
 * @param place name of the tensor in messages, such as `input 'X'`
 * @throws RequestInvalid when they are not in the list of the data type
 * @throws TensorUnusable when there are more or fewer than the shape says
 */
export async function countContents (contents: Uint8Array, dtype: DType, shape: readonly number[], place: string): Promise<Counted> {
  const list = LISTS.find(({ dtypes }) => dtypes.includes(dtype))
  if (!list) throw new RequestInvalid(`${place} is ${datatypeOf(dtype)}, which has no typed contents; send it in raw_input_contents.`)
  const size = SIZES_BYTES[dtype]
  const pace = new Pace()
  let count = 0
  let textBytes = 0
  /** The only packed list of numbers of fixed length is what a tensor has in memory. */
  let packed: Uint8Array | null = null
  const fields = new Fields(contents)
  while (fields.next()) {
    if (pace.isLong) await nextTurn()
    if (fields.number !== list.number) {
      const other = LISTS.find(({ number }) => number === fields.number)
      if (other) throw new RequestInvalid(`${place} is ${datatypeOf(dtype)} and has ${other.name}; send its elements in ${list.name}.`)
    } else if (list.wire === WIRE.BYTES) {
      textBytes += fields.length()
      count++
    } else if (fields.wire !== WIRE.BYTES) {
      if (list.wire === WIRE.VARINT) fields.int()
      else fields.fixed(list.wire)
      packed = null
      count++
    } else {
      const chunk = fields.bytes()
      packed = count === 0 ? chunk : null
      count += list.wire === WIRE.VARINT ? await countVarints(chunk, pace) : chunk.length / (size ?? 1)
    }
  }
  const length = lengthOf(shape)
  if (count !== length) throw new TensorUnusable(`${place} has ${count} values in ${list.name}; its shape [${shape}] takes ${length}.`)
  const view = list.wire === WIRE.VARINT ? null : packed
  if (view && size !== null) return { weightBytes: 0, read: async () => view }
  const weightBytes = size === null ? textBytes + count * PREFIX_BYTES : count * size
  return { weightBytes, read: async () => await readContents(contents, { dtype, number: list.number, bytes: weightBytes, place }) }
}

async function countVarints (bytes: Uint8Array, pace: Pace): Promise<number> {
  let count = 0
  for (let at = 0; at < bytes.length; at++) {
    if (bytes[at]! < 128) count++
    if (pace.isLong) await nextTurn()
  }
  return count
}

async function readContents (contents: Uint8Array, { dtype, number, bytes: length, place }: { dtype: DType, number: number, bytes: number, place: string }): Promise<Uint8Array> {
  const bytes = new Uint8Array(length)
  const view = new DataView(bytes.buffer)
  const pace = new Pace()
  let at = 0
  const put = (read: Fields): void => { at += putInteger(view, at, dtype, read, place) }
  const fields = new Fields(contents)
  while (fields.next()) {
    if (pace.isLong) await nextTurn()
    if (fields.number !== number) continue
    if (dtype === 'string') {
      const element = fields.bytes()
      view.setUint32(at, element.length, true)
      bytes.set(element, at + PREFIX_BYTES)
      at += PREFIX_BYTES + element.length
    } else if (dtype === 'float32' || dtype === 'float64') {
      const element = fields.wire === WIRE.BYTES ? fields.bytes() : fields.fixed(fields.wire)
      bytes.set(element, at)
      at += element.length
    } else if (fields.wire === WIRE.BYTES) {
      const packed = new Fields(fields.bytes())
      while (!packed.isOver) {
        packed.varint()
        put(packed)
        if (pace.isLong) await nextTurn()
      }
    } else {
      fields.int()
      put(fields)
    }
  }
  return bytes
}

/** Writes the integer that was read last. Returns its number of bytes. */
function putInteger (view: DataView, at: number, dtype: DType, { low, high }: Fields, place: string): number {
  const signed = low | 0
  switch (dtype) {
    case 'bool':
      view.setUint8(at, low === 0 && high === 0 ? 0 : 1)
      return 1
    case 'int8':
      check(signed, -128, 127)
      view.setInt8(at, signed)
      return 1
    case 'int16':
      check(signed, -32_768, 32_767)
      view.setInt16(at, signed, true)
      return 2
    case 'uint8':
      check(low, 0, 255)
      view.setUint8(at, low)
      return 1
    case 'uint16':
      check(low, 0, 65_535)
      view.setUint16(at, low, true)
      return 2
    case 'int64':
    case 'uint64':
      view.setUint32(at, low, true)
      view.setUint32(at + 4, high, true)
      return 8
    // protobuf's own lists of 32 bits, of which the upper half is the sign or nothing.
    default:
      view.setUint32(at, low, true)
      return 4
  }

  function check (value: number, least: number, most: number): void {
    if (value >= least && value <= most) return
    const size = SIZES_BYTES[dtype] ?? 1
    throw new TensorUnusable(`${place}: element ${at / size} is ${value}; ${datatypeOf(dtype)} goes from ${least} to ${most}.`)
  }
}

/** Whether typed contents have a list for this data type. */
export function hasContents (dtype: DType): boolean {
  return LISTS.some(({ dtypes }) => dtypes.includes(dtype))
}

/**
 * Writes a tensor as typed contents, in pieces.
 *
 * @throws AnswerTooLong when it has too many values
 */
export async function contentsOf (tensor: Tensor): Promise<Uint8Array> {
  const { dtype, data } = tensor
  const list = LISTS.find(({ dtypes }) => dtypes.includes(dtype))
  if (!list) throw new Error(`${dtype} has no typed contents`)
  if (data.length > ANSWER_LIMIT_VALUES) throw new AnswerTooLong(ANSWER_LIMIT_VALUES)
  if (dtype === 'string') return await textContents(list.number, data)
  // A truth is the same as a varint as in memory.
  const bytes = list.wire === WIRE.VARINT && dtype !== 'bool' ? await varintsOf(tensor) : await bytesOf(tensor)
  return protobuf.Writer.create().uint32(list.number << 3 | WIRE.BYTES).bytes(bytes).finish()
}

/** Each text is a field of its own. The plain array of a tensor of strings has no other place. */
async function textContents (number: number, texts: ArrayLike<unknown>): Promise<Uint8Array> {
  const parts: Uint8Array[] = []
  let writer = protobuf.Writer.create()
  for (let at = 0; at < texts.length; at++) {
    writer.uint32(number << 3 | WIRE.BYTES).bytes(Buffer.from(String(texts[at])))
    if (at % VALUES_PER_TURN !== VALUES_PER_TURN - 1) continue
    parts.push(writer.finish())
    writer = protobuf.Writer.create()
    await nextTurn()
  }
  return Buffer.concat([...parts, writer.finish()])
}

async function varintsOf ({ dtype, data }: Tensor): Promise<Uint8Array> {
  if (Array.isArray(data)) throw new Error(`a tensor of ${dtype} holds texts`)
  const bytes = Buffer.allocUnsafe(data.length * VARINT_LIMIT_BYTES)
  let at = 0
  for (let index = 0; index < data.length; index++) {
    const value = data[index]!
    let low: number
    let high: number
    if (typeof value === 'bigint') {
      low = Number(value & 0xffff_ffffn)
      high = Number(value >> 32n & 0xffff_ffffn)
    } else {
      low = value >>> 0
      // A negative number has its sign in all 64 bits.
      high = value < 0 ? 0xffff_ffff : 0
    }
    while (high !== 0 || low > 127) {
      bytes[at++] = low & 127 | 128
      low = (low >>> 7 | high << 25) >>> 0
      high >>>= 7
    }
    bytes[at++] = low
    if (index % VALUES_PER_TURN === VALUES_PER_TURN - 1) await nextTurn()
  }
  return bytes.subarray(0, at)
}
