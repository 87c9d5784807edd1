import protobuf from 'protobufjs/minimal.js'

/** What is wrong with an ONNX file, as one line without the file's name: cause and remedy. */
export class OnnxFault extends Error {
  override name = 'OnnxFault'
}

/** Longest name of a node, value, operator or axis, in bytes. */
const NAME_BYTES = 64 * 1024

/** Most fields of one message: a forest of a million trees' nodes has a million for each of its lists. */
const FIELDS = 64 * 1024 * 1024

const VARINT = 0
const FIXED_64 = 1
const LENGTH_DELIMITED = 2
const FIXED_32 = 5

/** Most bytes of the varint of a tag or a length; protobuf's own readers refuse longer ones. */
const VARINT_32_BYTES = 5

/**
 * The fields of one protobuf message, one after another. What nobody asks for is skipped, and nothing is copied.
 *
 * All methods throw OnnxFault when the bytes are no protobuf, or when a field has another wire type than its method reads.
 *
 * @see https://protobuf.dev/programming-guides/encoding/
 */
export class Fields {
  /** Number of the current field. */
  number = 0
  readonly #bytes: Buffer
  readonly #reader: protobuf.Reader
  #wire = VARINT
  #start = 0
  #count = 0
  #isRead = true
  #single = new Set<number>()

  constructor (bytes: Buffer) {
    this.#bytes = bytes
    this.#reader = protobuf.Reader.create(bytes)
  }

  /** Goes to the next field; false at the end. */
  next (): boolean {
    if (!this.#isRead) this.#skip()
    if (this.#reader.pos === this.#bytes.length) return false
    if (++this.#count > FIELDS) throw new OnnxFault(`holds a list of more than ${FIELDS} elements; export a smaller model`)
    this.#start = this.#reader.pos
    const tag = this.#varint32()
    this.number = tag >>> 3
    this.#wire = tag & 7
    this.#isRead = false
    if (this.number === 0) throw damaged(`it has a field of number 0 at byte ${this.#reader.pos} of a message`)
    return true
  }

  /** A message or bytes: a view into the file. */
  bytes (): Buffer {
    this.#expect(LENGTH_DELIMITED)
    const length = this.#varint32()
    const start = this.#reader.pos
    if (start + length > this.#bytes.length) throw cutOff()
    this.#reader.skip(length)
    return this.#bytes.subarray(start, start + length)
  }

  /**
   * A message that a correct file holds once here. Protobuf merges repeated ones, and two readers of one file must not
   * see two different models.
   */
  once (): Buffer {
    if (this.#single.has(this.number)) throw damaged(`it has field ${this.number} twice where one is allowed`)
    this.#single.add(this.number)
    return this.bytes()
  }

  /** The current field as it is, with its tag: for a copy of the message. */
  whole (): Buffer {
    if (!this.#isRead) this.#skip()
    return this.#bytes.subarray(this.#start, this.#reader.pos)
  }

  /** A text of at most `limit` bytes. */
  text (limit = NAME_BYTES): string {
    const bytes = this.bytes()
    if (bytes.length > limit) throw new OnnxFault(`holds a name or text of ${bytes.length} bytes, over the limit of ${limit}; export it anew with shorter ones`)
    return bytes.toString('utf8')
  }

  /** An integer. Those beyond 2⁵³ lose their last digits. */
  int (): number {
    this.#expect(VARINT)
    return this.#int64(this.#reader)
  }

  float (): number {
    this.#expect(FIXED_32)
    if (this.#reader.pos + 4 > this.#bytes.length) throw cutOff()
    return this.#reader.float()
  }

  /** Adds a repeated field's integers, packed or single, to a list that grows to one above `limit` at most. */
  ints (list: number[], limit: number): void {
    this.#list(list, limit, VARINT, reader => this.#int64(reader))
  }

  /** Adds a repeated field's floats, as `ints` does. */
  floats (list: number[], limit: number): void {
    this.#list(list, limit, FIXED_32, reader => reader.float())
  }

  /** Adds a repeated field's doubles, as `ints` does. */
  doubles (list: number[], limit: number): void {
    this.#list(list, limit, FIXED_64, reader => reader.double())
  }

  #list (list: number[], limit: number, wire: number, read: (reader: protobuf.Reader) => number): void {
    if (this.#wire === LENGTH_DELIMITED) {
      const packed = this.bytes()
      const reader = protobuf.Reader.create(packed)
      while (reader.pos < packed.length && list.length <= limit) list.push(within(reader, read))
      if (reader.pos > packed.length) throw cutOff()
      return
    }
    if (list.length > limit) return this.#skip()
    this.#expect(wire)
    list.push(within(this.#reader, read))
  }

  #skip (): void {
    this.#isRead = true
    let end = this.#wire === LENGTH_DELIMITED ? this.#varint32() : 0
    end += this.#reader.pos
    if (this.#wire === VARINT) {
      // Past the end, the byte is undefined.
      while (this.#bytes[end++]! >= 128);
    } else if (this.#wire === FIXED_64) end += 8
    else if (this.#wire === FIXED_32) end += 4
    else if (this.#wire !== LENGTH_DELIMITED) throw damaged(`it has a field of the unknown wire type ${this.#wire}`)
    if (end > this.#bytes.length) throw cutOff()
    this.#reader.pos = end
  }

  #expect (wire: number): void {
    this.#isRead = true
    if (this.#wire !== wire) throw damaged(`field ${this.number} of a message has the wire type ${this.#wire}, not ${wire}`)
  }

  /** protobufjs takes a longer varint for one of ten bytes, so that it would go on at another byte than other readers. */
  #varint32 (): number {
    const start = this.#reader.pos
    const first = this.#bytes[start]
    if (first !== undefined && first < 128) {
      this.#reader.pos++
      return first
    }
    const value = within(this.#reader, reader => reader.uint32())
    if (this.#reader.pos - start > VARINT_32_BYTES) throw damaged(`it has a length or tag over ${VARINT_32_BYTES} bytes`)
    if (this.#reader.pos > this.#bytes.length) throw cutOff()
    return value
  }

  #int64 (reader: protobuf.Reader): number {
    const value = Number(within(reader, reader => reader.int64()))
    if (reader.pos > reader.len) throw cutOff()
    return value
  }
}

/** protobufjs throws errors of its own at the end of the bytes. */
function within<Value> (reader: protobuf.Reader, read: (reader: protobuf.Reader) => Value): Value {
  try {
    return read(reader)
  } catch (error) {
    if (error instanceof OnnxFault) throw error
    throw cutOff()
  }
}

function cutOff (): OnnxFault {
  return new OnnxFault('is no ONNX file, or is cut off or damaged: a part of it ends too early; download or export it again')
}

function damaged (cause: string): OnnxFault {
  return new OnnxFault(`is no ONNX file, or is damaged: ${cause}; download or export it again`)
}
