import { readJpegHeader, shownSize, type Code, type JpegHeader } from './jpeg-header.ts'
import type { Window } from './resize.ts'
import { simd, type Places } from './simd.ts'

/** Rows of RGB pixels in WebAssembly's memory, of three bytes each, or of four of which the last does not count. */
export interface Band {
  /** Address of the first pixel. */
  at: number
  /** Number of the first row in the picture. */
  top: number
  rows: number
  /** Bytes from one row to the next, and from one pixel to the next. */
  stride: number
  pixel: number
}

/** Bytes of a pixel. */
const PIXEL = 4

// Bits that a table of codes is asked about at once, places in it, and the length of what is told about a block, as
// simd/jpeg.ts has them.
const AHEAD = 10
const TABLE = { short: 0, code: 2048, limits: 4096, offsets: 4164, symbols: 4232, length: 4488 }
const BLOCK = 28

/** Bytes that a block takes in the file at most: 64 times 27 bits, each byte followed by a stuffed one. */
const BLOCK_BYTES = 432

/** Bytes of a restart marker. */
const MARKER_BYTES = 2

/** Bytes of the file that are in WebAssembly's memory at a time, at least. */
const LOADED_BYTES = 256 * 1024

/** Pixels before and after a row: of colours, those at the edges look at their neighbours. */
const MARGIN = 16

/** Second bytes of the markers in a scan. */
const RESTART = 0xd0
const END = 0xd9

/**
 * A JPEG that is decoded a few rows at a time, to the pixels that libjpeg makes, to the last bit. libvips spends two
 * thirds of its time on a small photo on passing rows between threads, and the pixels of a large one fill a hundred
 * megabytes of which the model sees a few thousand bytes.
 *
 * @see https://www.w3.org/Graphics/JPEG/itu-t81.pdf
 * @see https://libjpeg-turbo.org
 */
export class JpegScan {
  /** Pixels, as they are shown, as is `height`. */
  readonly width: number
  readonly height: number
  readonly channels = 3
  /** As EXIF has it, 1 to 8. */
  readonly orientation: number
  readonly #bytes: Uint8Array
  readonly #header: JpegHeader

  /** @throws Error when it is not a JPEG that is read here */
  constructor (bytes: Uint8Array) {
    const header = readJpegHeader(bytes)
    if (!header) throw new Error('not a baseline JPEG')
    this.#bytes = bytes
    this.#header = header
    const [width, height] = shownSize(header)
    this.width = width
    this.height = height
    this.orientation = header.orientation
  }

  /**
   * Takes places and answers how to go through the rows of a window, both as they are in the file, from the top, each
   * band beginning at the window's first column. All of the file is read, also past the window, so that a damaged one is found out.
   *
   * @throws Error, from the bands, where the bytes are not what an encoder writes
   */
  bands (window: Window, places: Places): () => Generator<Band> {
    const decoder = new Decoder(this.#bytes, this.#header, window, places)
    return () => decoder.bands()
  }
}

/** Pixels of a component in one row of units, with the last row of the units above them and room for one below. */
interface Plane {
  /** Address of the first pixel of the row above. */
  at: number
  stride: number
  /** Rows without those two. */
  rows: number
}

class Decoder {
  readonly #bytes: Uint8Array
  readonly #header: JpegHeader
  readonly #window: Window
  readonly #places: Places
  /** Pixels of a unit, the smallest part of a picture that has all components. */
  readonly #unit: { width: number, height: number, blocks: number }
  /** Units in a row, and rows of them. */
  readonly #units: { across: number, down: number }
  /** The units of a row whose pixels are wanted. */
  readonly #from: number
  readonly #to: number
  /** Colours of half the width are means of those next to them; of half the height, also of those above and below. */
  readonly #isHalfWide: boolean
  readonly #isHalfHigh: boolean
  readonly #planes: Plane[]
  /** A row of no colour. */
  readonly #grey: number
  readonly #tables: Array<{ dc: number, ac: number, quanta: number }>
  readonly #blocks: number
  readonly #lastDc: number
  readonly #rgb: number
  readonly #rgbStride: number
  /** The part of the file that is loaded: where to, from where on, how much at most, and what a row of units may need. */
  readonly #loadedAt: number
  readonly #loadedLength: number
  readonly #rowLength: number
  #loadedFrom = 0
  #loadedTo = 0

  constructor (bytes: Uint8Array, header: JpegHeader, window: Window, places: Places) {
    const { components: [luminance], components, width, height } = header
    const { across, down } = luminance!
    this.#bytes = bytes
    this.#header = header
    this.#window = window
    this.#places = places
    this.#unit = { width: 8 * across, height: 8 * down, blocks: components.reduce((sum, { across, down }) => sum + across * down, 0) }
    this.#units = { across: Math.ceil(width / this.#unit.width), down: Math.ceil(height / this.#unit.height) }
    this.#isHalfWide = across === 2
    this.#isHalfHigh = down === 2
    // With two pixels more on each side, for the neighbours.
    this.#from = Math.max(0, Math.floor((window.left - 2) / this.#unit.width))
    this.#to = Math.min(this.#units.across, Math.ceil((window.left + window.width + 2) / this.#unit.width))

    this.#planes = components.map(({ across, down }) => {
      const stride = MARGIN + this.#units.across * across * 8 + MARGIN
      return { at: places.of(stride * (down * 8 + 2)) + MARGIN, stride, rows: down * 8 }
    })
    this.#grey = places.of(this.#units.across * 8)
    this.#tables = components.map(() => ({ dc: places.of(TABLE.length), ac: places.of(TABLE.length), quanta: places.of(128) }))
    this.#blocks = places.of(BLOCK * this.#unit.blocks)
    this.#lastDc = places.of(4 * components.length)
    this.#rgbStride = (this.#to - this.#from) * this.#unit.width * PIXEL
    this.#rgb = places.of(this.#rgbStride * (this.#unit.height + 1))
    this.#rowLength = this.#units.across * (this.#unit.blocks * BLOCK_BYTES + MARKER_BYTES)
    this.#loadedLength = Math.min(bytes.length, Math.max(LOADED_BYTES, 2 * this.#rowLength))
    this.#loadedAt = places.of(this.#loadedLength)
  }

  * bands (): Generator<Band> {
    const { top, height } = this.#window
    this.#writeTables()
    this.#load(this.#header.scan)
    simd.seek(this.#addressOf(this.#header.scan), this.#addressOf(this.#loadedTo))
    this.#startInterval()
    const left = { units: this.#header.restart || Infinity, restarts: 0 }

    for (let row = 0; row < this.#units.down; row++) {
      const first = row * this.#unit.height
      const isWanted = first + this.#unit.height + 2 > top && first - 2 < top + height
      this.#decodeRow(left, isWanted)
      if (!isWanted) continue
      this.#repeatEdges(row)
      // The last row of half-high colours waits for those below.
      const wait = this.#isHalfHigh ? 1 : 0
      const begin = Math.max(top, first - (row === 0 ? 0 : wait))
      const end = Math.min(top + height, first + this.#unit.height - (row === this.#units.down - 1 ? 0 : wait))
      for (let y = begin; y < end; y++) this.#writeRgb(y, first, this.#rgb + (y - begin) * this.#rgbStride)
      const at = this.#rgb + (this.#window.left - this.#from * this.#unit.width) * PIXEL
      if (end > begin) yield { at, top: begin, rows: end - begin, stride: this.#rgbStride, pixel: PIXEL }
      for (const plane of this.#planes) this.#copyRow(plane, plane.rows - 1, -1)
    }
    if (this.#nextMarker() !== END) throw new Error('the end is missing')
  }

  get #memory (): Uint8Array {
    return this.#places.memory()
  }

  /** Decodes a row of units, through the restart markers in it. */
  #decodeRow (left: { units: number, restarts: number }, isWanted: boolean): void {
    const { across } = this.#units
    const place = this.#placeOf(simd.place())
    if (this.#loadedTo < this.#bytes.length && this.#loadedTo - place < this.#rowLength) {
      simd.move(this.#loadedFrom - place, this.#loadedAt + this.#load(place))
    }
    for (let unit = 0; unit < across;) {
      if (left.units === 0) {
        if (this.#nextMarker() !== RESTART + left.restarts++ % 8) throw new Error('a restart marker is missing')
        this.#startInterval()
        left.units = this.#header.restart
      }
      const count = Math.min(across - unit, left.units)
      const [from, to] = isWanted ? [this.#from, this.#to] : [0, 0]
      if (simd.decode(this.#blocks, this.#unit.blocks, unit, count, from, to) === 0) throw new Error('the bits are no codes')
      unit += count
      left.units -= count
    }
  }

  /** Loads a part of the file, from a place in it on, and answers how many bytes it has. */
  #load (place: number): number {
    this.#loadedFrom = place
    this.#loadedTo = Math.min(this.#bytes.length, place + this.#loadedLength)
    this.#memory.set(this.#bytes.subarray(place, this.#loadedTo), this.#loadedAt)
    return this.#loadedTo - place
  }

  #placeOf (address: number): number {
    return address - this.#loadedAt + this.#loadedFrom
  }

  #addressOf (place: number): number {
    return place - this.#loadedFrom + this.#loadedAt
  }

  /** Goes past the next marker, which must come now, and answers its second byte. */
  #nextMarker (): number | undefined {
    let place = this.#placeOf(simd.place())
    if (simd.isAligned() === 0 || this.#bytes[place] !== 0xff) throw new Error('a marker is missing')
    while (this.#bytes[place] === 0xff) place++
    simd.seek(this.#addressOf(place + 1), this.#addressOf(this.#loadedTo))
    return this.#bytes[place]
  }

  #startInterval (): void {
    this.#memory.fill(0, this.#lastDc, this.#lastDc + 4 * this.#planes.length)
  }

  #writeTables (): void {
    const memory = this.#memory
    const { components, codes, quanta } = this.#header
    const view = new DataView(memory.buffer)
    let block = this.#blocks
    for (const [at, component] of components.entries()) {
      const tables = this.#tables[at]!
      const plane = this.#planes[at]!
      writeCode(codes.get(component.dc)!, memory, tables.dc)
      writeCode(codes.get(component.ac)!, memory, tables.ac)
      new Uint16Array(memory.buffer, tables.quanta, 64).set(quanta.get(component.quanta)!)
      for (let y = 0; y < component.down; y++) {
        for (let x = 0; x < component.across; x++, block += BLOCK) {
          const { dc, ac, quanta } = tables
          const fields = [dc, ac, quanta, this.#lastDc + 4 * at, addressOf(plane, 8 * y) + 8 * x, plane.stride, 8 * component.across]
          for (const [at, field] of fields.entries()) view.setInt32(block + 4 * at, field, true)
        }
      }
    }
    memory.fill(128, this.#grey, this.#grey + this.#units.across * 8)
  }

  /** Repeats the colours at the edges of the picture, so that those next to them have neighbours. */
  #repeatEdges (row: number): void {
    if (!this.#isHalfWide) return
    const memory = this.#memory
    const { width, height } = this.#header
    for (const plane of this.#planes.slice(1)) {
      for (let y = 0; y < plane.rows; y++) {
        const at = addressOf(plane, y)
        const end = at + Math.ceil(width / 2)
        memory[at - 1] = memory[at]!
        memory[end] = memory[end - 1]!
      }
      if (!this.#isHalfHigh) continue
      if (row === 0) this.#copyRow(plane, 0, -1)
      const last = Math.ceil(height / 2) - 1 - row * plane.rows
      if (last < plane.rows) this.#copyRow(plane, last, last + 1)
    }
  }

  #copyRow (plane: Plane, from: number, to: number): void {
    const start = addressOf(plane, from) - MARGIN
    this.#memory.copyWithin(addressOf(plane, to) - MARGIN, start, start + plane.stride)
  }

  /** @param first the first row of the units that are in the planes */
  #writeRgb (y: number, first: number, result: number): void {
    const [luminance, cb, cr] = this.#planes
    const x = this.#from * this.#unit.width
    const width = (this.#to - this.#from) * this.#unit.width
    const at = addressOf(luminance!, y - first) + x
    if (!cb || !cr) {
      simd.rgbOfFull(at, this.#grey, this.#grey, width, result)
    } else if (!this.#isHalfWide) {
      simd.rgbOfFull(at, addressOf(cb, y - first) + x, addressOf(cr, y - first) + x, width, result)
    } else if (!this.#isHalfHigh) {
      const [blue, red] = [addressOf(cb, y - first) + x / 2, addressOf(cr, y - first) + x / 2]
      simd.rgbOfHalf(at, blue, red, blue, red, 4, 8, width, result)
    } else {
      const row = (y - first) >> 1
      const near = y % 2 === 0 ? row - 1 : row + 1
      simd.rgbOfHalf(
        at, addressOf(cb, row) + x / 2, addressOf(cr, row) + x / 2, addressOf(cb, near) + x / 2, addressOf(cr, near) + x / 2, 8, 7, width, result
      )
    }
  }
}

function addressOf ({ at, stride }: Plane, row: number): number {
  return at + (row + 1) * stride
}

/** Writes a Huffman code as simd/jpeg.ts looks it up. */
function writeCode ({ counts, symbols }: Code, memory: Uint8Array, at: number): void {
  const short = new Int16Array(memory.buffer, at + TABLE.short, 1 << AHEAD).fill(0)
  const codes = new Uint16Array(memory.buffer, at + TABLE.code, 1 << AHEAD).fill(0)
  const limits = new Uint32Array(memory.buffer, at + TABLE.limits, 17)
  const offsets = new Int32Array(memory.buffer, at + TABLE.offsets, 17)
  memory.set(symbols, at + TABLE.symbols)
  let code = 0
  let index = 0
  for (let length = 1; length <= 16; length++, code <<= 1) {
    offsets[length] = index - code
    for (let left = counts[length - 1]!; left > 0; left--, code++, index++) {
      const free = AHEAD - length
      if (free < 0) continue
      const symbol = symbols[index]!
      codes.fill(length << 8 | symbol, code << free, (code + 1) << free)
      // A short code together with the short value that follows it.
      const size = symbol & 15
      if (size === 0 || size > Math.min(free, 7)) continue
      for (let bits = 0; bits < 1 << size; bits++) {
        const value = bits < 1 << (size - 1) ? bits - (1 << size) + 1 : bits
        const from = (code << size | bits) << (free - size)
        short.fill(value << 8 | symbol & 0xf0 | (length + size), from, from + (1 << (free - size)))
      }
    }
    limits[length] = code << (16 - length)
  }
}
