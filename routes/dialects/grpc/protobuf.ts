import { RequestInvalid } from '../../../lib/errors.ts'

/** How values are written. See https://protobuf.dev/programming-guides/encoding/#structure */
export const WIRE = { VARINT: 0, FIXED_64: 1, BYTES: 2, FIXED_32: 5 } as const

/** Longest varint: 64 bits, seven in each byte. */
const VARINT_LIMIT_BYTES = 10

/** Longest name, id or other text of a message. */
const TEXT_LIMIT_BYTES = 4096

/** How many fields or values to read in one turn of the event loop. That takes about 3 milliseconds. */
const STEPS_PER_TURN = 16_384

/** Counts the steps of long work, so that it is done in pieces and the event loop stays free. */
export class Pace {
  #steps = 0

  /** Counts a step. @returns whether the work has to `await nextTurn()` now */
  get isLong (): boolean {
    return ++this.#steps % STEPS_PER_TURN === 0
  }
}

/**
 * The fields of a protobuf message, one after another. What nobody reads is skipped, and nothing is copied. Its memory
 * does not grow with the message.
 *
 * All methods throw RequestInvalid when the bytes are no protobuf, or when a field has another wire type than its method
 * reads.
 *
 * @see https://protobuf.dev/programming-guides/encoding/
 */
export class Fields {
  /** Number of the current field. */
  number = 0
  /** Wire type of the current field. */
  wire = 0
  /** The two halves of the last varint, each an unsigned number of 32 bits. */
  low = 0
  high = 0
  readonly #bytes: Uint8Array
  #at = 0
  #isRead = true

  constructor (bytes: Uint8Array) {
    this.#bytes = bytes
  }

  /** Whether all bytes are read. */
  get isOver (): boolean {
    return this.#at === this.#bytes.length
  }

  /** Goes to the next field; false at the end. */
  next (): boolean {
    if (!this.#isRead) this.#skip()
    if (this.isOver) return false
    this.varint()
    const tag = this.low
    this.number = tag >>> 3
    this.wire = tag & 7
    this.#isRead = false
    if (this.number === 0 || this.high !== 0) throw damaged('a field has no valid number')
    return true
  }

  /** A message, a text or bytes: a view of them. */
  bytes (): Uint8Array {
    const length = this.length()
    return this.#view(this.#at - length, length)
  }

  /** The length of a message, a text or bytes, which are skipped. */
  length (): number {
    this.#expect(WIRE.BYTES)
    this.varint()
    if (this.high !== 0) throw cutOff()
    this.#pass(this.low)
    return this.low
  }

  /** @throws RequestInvalid when it is longer than TEXT_LIMIT_BYTES, too */
  text (): string {
    const bytes = this.bytes()
    if (bytes.length > TEXT_LIMIT_BYTES) throw new RequestInvalid(`A text of the message has ${bytes.length} bytes, over the limit of ${TEXT_LIMIT_BYTES}.`)
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString()
  }

  /** A whole number with a sign. Those beyond 2⁵³ lose their last digits. */
  int (): number {
    this.#expect(WIRE.VARINT)
    this.varint()
    return (this.high | 0) * 2 ** 32 + this.low
  }

  /** The bytes of a number of fixed length, FIXED_32 or FIXED_64: a view of them. */
  fixed (wire: number): Uint8Array {
    this.#expect(wire)
    const length = wire === WIRE.FIXED_32 ? 4 : 8
    this.#pass(length)
    return this.#view(this.#at - length, length)
  }

  /** Reads a varint that no tag precedes, or that of the current field, into `low` and `high`. */
  varint (): void {
    let low = 0
    let high = 0
    this.#isRead = true
    for (let index = 0; index < VARINT_LIMIT_BYTES; index++) {
      const byte = this.#bytes[this.#at++]
      if (byte === undefined) throw cutOff()
      const bits = byte & 127
      if (index < 4) low |= bits << (7 * index)
      else if (index === 4) {
        low |= bits << 28
        high |= bits >>> 4
      } else high |= bits << (7 * index - 32)
      if (byte < 128) {
        this.low = low >>> 0
        this.high = high >>> 0
        return
      }
    }
    throw damaged(`a number has more than ${VARINT_LIMIT_BYTES} bytes`)
  }

  #pass (length: number): void {
    if (this.#at + length > this.#bytes.length) throw cutOff()
    this.#at += length
  }

  #view (start: number, length: number): Uint8Array {
    // Not Buffer's own method: its slices are of another kind.
    return new Uint8Array(this.#bytes.buffer, this.#bytes.byteOffset + start, length)
  }

  #skip (): void {
    this.#isRead = true
    switch (this.wire) {
      case WIRE.VARINT: return this.varint()
      case WIRE.BYTES: this.length(); return
      case WIRE.FIXED_32: return this.#pass(4)
      case WIRE.FIXED_64: return this.#pass(8)
      // Groups, which nobody has written since 2008, could be inside one another without end.
      default: throw damaged(`a field has the wire type ${this.wire}`)
    }
  }

  #expect (wire: number): void {
    this.#isRead = true
    if (this.wire !== wire) throw damaged(`field ${this.number} has the wire type ${this.wire}, not ${wire}`)
  }
}

function cutOff (): Error {
  return damaged('a part of it ends too early')
}

function damaged (cause: string): Error {
  return new RequestInvalid(`The message is not what its method takes: ${cause}. Send it as the protocol's .proto file has it.`)
}
