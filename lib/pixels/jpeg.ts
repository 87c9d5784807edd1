import { writeHuffmanTable } from './huffman.ts'
import { endsAt, readJpegHeader, shownSize, type JpegHeader } from './jpeg-header.ts'
import { allocateLayout, BLOCK_SIDE, MARGIN, rowAddress, type Layout, type Plane } from './jpeg-layout.ts'
import type { Band, PixelSource, Window } from './pixels.ts'
import { Arena, constants, simd } from './simd.ts'

const {
  BLOCK_AC_TABLE, BLOCK_BYTES, BLOCK_DC_TABLE, BLOCK_LAST_DC, BLOCK_MCU_BYTES, BLOCK_QUANTISATION, BLOCK_ROW_BYTES, BLOCK_SAMPLES, RGB_BYTES
} = constants

/** Second byte of the first of the eight markers in entropy-coded data. */
const FIRST_RESTART_MARKER = 0xd0

/**
 * A JPEG that is decoded a few rows at a time. The pixels equal those of libjpeg to the last bit. libvips, in contrast,
 * spends two thirds of its time for a small photo on passing rows between threads, and holds all pixels of a large photo:
 * a hundred megabytes, of which a model sees a few thousand bytes.
 *
 * @see https://www.w3.org/Graphics/JPEG/itu-t81.pdf
 * @see https://libjpeg-turbo.org
 */
export class JpegScan implements PixelSource {
  readonly width: number
  readonly height: number
  readonly channels = 3
  readonly orientation: number
  readonly #bytes: Uint8Array
  readonly #header: JpegHeader

  /** @throws Error if the bytes are no JPEG that `readJpegHeader` reads */
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
   * The decoder reads the whole file, also the part below the window, so that it finds all damage.
   *
   * @throws Error, while the bands are read, if the entropy-coded data is damaged or incomplete
   */
  bands (window: Window, arena: Arena): () => Generator<Band> {
    const decoder = new Decoder(this.#bytes, this.#header, window, allocateLayout(this.#header, window, this.#bytes.length, arena), arena)
    return () => decoder.bands()
  }
}

class Decoder {
  readonly #bytes: Uint8Array
  readonly #header: JpegHeader
  readonly #window: Window
  readonly #layout: Layout
  readonly #arena: Arena
  /** Whether chroma has half the width, and whether it has half the height. */
  readonly #isHalfWidth: boolean
  readonly #isHalfHeight: boolean
  /** Offsets in the file of the part that is in memory: its first byte, and the one after its last. */
  #inputStart = 0
  #inputEnd = 0
  /** MCUs up to the next restart marker. */
  #mcusLeft = 0
  /** Number of restart markers so far. */
  #restarts = 0

  constructor (bytes: Uint8Array, header: JpegHeader, window: Window, layout: Layout, arena: Arena) {
    this.#bytes = bytes
    this.#header = header
    this.#window = window
    this.#layout = layout
    this.#arena = arena
    this.#isHalfWidth = header.components[0]!.horizontal === 2
    this.#isHalfHeight = header.components[0]!.vertical === 2
  }

  * bands (): Generator<Band> {
    const { top, left, height } = this.#window
    const { mcu, mcuRows, planes, from, rgb, rgbRowBytes } = this.#layout
    this.#writeTables()
    this.#load(this.#header.scanStart)
    simd.startInput(this.#addressOf(this.#header.scanStart), this.#addressOf(this.#inputEnd))
    this.#resetDc()
    this.#mcusLeft = this.#header.restartInterval || Infinity
    this.#restarts = 0

    for (let mcuRow = 0; mcuRow < mcuRows; mcuRow++) {
      const first = mcuRow * mcu.height
      const isNeeded = first + mcu.height + 2 > top && first - 2 < top + height
      this.#decodeMcuRow(isNeeded)
      if (!isNeeded) continue
      this.#repeatEdges(mcuRow)
      // If chroma has half the height, the last row needs the chroma below it. It comes with the next row of MCUs.
      const delayed = this.#isHalfHeight ? 1 : 0
      const start = Math.max(top, first - (mcuRow === 0 ? 0 : delayed))
      const end = Math.min(top + height, first + mcu.height - (mcuRow === mcuRows - 1 ? 0 : delayed))
      for (let y = start; y < end; y++) this.#writeRgb(y, first, rgb + (y - start) * rgbRowBytes)
      const address = rgb + (left - from * mcu.width) * RGB_BYTES
      if (end > start) yield { address, top: start, rows: end - start, rowBytes: rgbRowBytes, pixelBytes: RGB_BYTES }
      for (const plane of planes) this.#copyRow(plane, plane.rows - 1, -1)
    }
    if (!endsAt(this.#bytes, this.#toMarker())) throw new Error('the end marker is missing')
  }

  get #memory (): Uint8Array {
    return this.#arena.memory()
  }

  /** Decodes a row of MCUs, and reads the restart markers in it. */
  #decodeMcuRow (isNeeded: boolean): void {
    const { blocks, mcu, mcusPerRow, input, codedRowBytes } = this.#layout
    const offset = this.#offsetOf(simd.inputAddress())
    if (this.#inputEnd < this.#bytes.length && this.#inputEnd - offset < codedRowBytes) {
      simd.moveInput(this.#inputStart - offset, input + this.#load(offset))
    }
    const [from, to] = isNeeded ? [this.#layout.from, this.#layout.to] : [0, 0]
    for (let index = 0; index < mcusPerRow;) {
      if (this.#mcusLeft === 0) {
        this.#readRestartMarker()
        this.#resetDc()
        this.#mcusLeft = this.#header.restartInterval
      }
      const count = Math.min(mcusPerRow - index, this.#mcusLeft)
      if (simd.decodeMcus(blocks, mcu.blocks, index, count, from, to) === 0) throw new Error('the entropy-coded data is invalid')
      index += count
      this.#mcusLeft -= count
    }
  }

  /** Copies a part of the file to WebAssembly memory, from an offset on, and returns its length in bytes. */
  #load (offset: number): number {
    const { input, inputBytes } = this.#layout
    this.#inputStart = offset
    this.#inputEnd = Math.min(this.#bytes.length, offset + inputBytes)
    this.#memory.set(this.#bytes.subarray(offset, this.#inputEnd), input)
    return this.#inputEnd - offset
  }

  /** Offset in the file of a byte in WebAssembly memory. */
  #offsetOf (address: number): number {
    return address - this.#layout.input + this.#inputStart
  }

  /** Address in WebAssembly memory of a byte of the file. */
  #addressOf (offset: number): number {
    return offset - this.#inputStart + this.#layout.input
  }

  #readRestartMarker (): void {
    let offset = this.#toMarker()
    while (this.#bytes[offset] === 0xff) offset++
    if (this.#bytes[offset] !== FIRST_RESTART_MARKER + this.#restarts++ % 8) throw new Error('a restart marker is missing')
    simd.startInput(this.#addressOf(offset + 1), this.#addressOf(this.#inputEnd))
  }

  /** Goes to the marker that must come next, and returns its offset in the file. */
  #toMarker (): number {
    const isThere = simd.skipToMarker() === 1
    let offset = this.#offsetOf(simd.inputAddress())
    // Zeros that are not in memory.
    while (this.#bytes[offset] === 0) offset++
    if (!isThere || this.#bytes[offset] !== 0xff) throw new Error('a marker is missing after the entropy-coded data')
    return offset
  }

  /** Resets the DC predictions, which start from 0 in each restart interval. */
  #resetDc (): void {
    const { lastDc, planes } = this.#layout
    this.#memory.fill(0, lastDc, lastDc + 4 * planes.length)
  }

  /** Writes the Huffman tables, the quantisation tables and the block descriptors. */
  #writeTables (): void {
    const memory = this.#memory
    const { components, huffmanTables, quantisationTables } = this.#header
    const { blocks, lastDc, neutralChroma, mcusPerRow, planes, tables } = this.#layout
    const view = new DataView(memory.buffer)
    let block = blocks
    for (const [at, component] of components.entries()) {
      const { dc, ac, quantisation } = tables[at]!
      const plane = planes[at]!
      writeHuffmanTable(huffmanTables.get(component.dcTable)!, memory, dc)
      writeHuffmanTable(huffmanTables.get(component.acTable)!, memory, ac)
      new Uint16Array(memory.buffer, quantisation, 64).set(quantisationTables.get(component.quantisationTable)!)
      for (let y = 0; y < component.vertical; y++) {
        for (let x = 0; x < component.horizontal; x++, block += BLOCK_BYTES) {
          view.setInt32(block + BLOCK_DC_TABLE, dc, true)
          view.setInt32(block + BLOCK_AC_TABLE, ac, true)
          view.setInt32(block + BLOCK_QUANTISATION, quantisation, true)
          view.setInt32(block + BLOCK_LAST_DC, lastDc + 4 * at, true)
          view.setInt32(block + BLOCK_SAMPLES, rowAddress(plane, BLOCK_SIDE * y) + BLOCK_SIDE * x, true)
          view.setInt32(block + BLOCK_ROW_BYTES, plane.rowBytes, true)
          view.setInt32(block + BLOCK_MCU_BYTES, BLOCK_SIDE * component.horizontal, true)
        }
      }
    }
    memory.fill(128, neutralChroma, neutralChroma + mcusPerRow * BLOCK_SIDE)
  }

  /** Repeats the chroma samples at the edges of the picture, because the interpolation needs neighbours there. */
  #repeatEdges (mcuRow: number): void {
    if (!this.#isHalfWidth) return
    const memory = this.#memory
    const { width, height } = this.#header
    for (const plane of this.#layout.planes.slice(1)) {
      for (let y = 0; y < plane.rows; y++) {
        const start = rowAddress(plane, y)
        const end = start + Math.ceil(width / 2)
        memory[start - 1] = memory[start]!
        memory[end] = memory[end - 1]!
      }
      if (!this.#isHalfHeight) continue
      if (mcuRow === 0) this.#copyRow(plane, 0, -1)
      const last = Math.ceil(height / 2) - 1 - mcuRow * plane.rows
      if (last < plane.rows) this.#copyRow(plane, last, last + 1)
    }
  }

  #copyRow (plane: Plane, from: number, to: number): void {
    const start = rowAddress(plane, from) - MARGIN
    this.#memory.copyWithin(rowAddress(plane, to) - MARGIN, start, start + plane.rowBytes)
  }

  /**
   * Converts a row of samples to RGB pixels.
   *
   * @param first index in the picture of the first row in the planes
   */
  #writeRgb (y: number, first: number, result: number): void {
    const { mcu, from, to, planes: [luma, cb, cr], neutralChroma } = this.#layout
    const x = from * mcu.width
    const width = (to - from) * mcu.width
    const lumaRow = rowAddress(luma!, y - first) + x
    if (!cb || !cr) {
      simd.convertRow(lumaRow, neutralChroma, neutralChroma, width, result)
    } else if (!this.#isHalfWidth) {
      simd.convertRow(lumaRow, rowAddress(cb, y - first) + x, rowAddress(cr, y - first) + x, width, result)
    } else if (!this.#isHalfHeight) {
      const [cbRow, crRow] = [rowAddress(cb, y - first) + x / 2, rowAddress(cr, y - first) + x / 2]
      simd.convertSubsampledRow(lumaRow, cbRow, crRow, cbRow, crRow, 4, 8, width, result)
    } else {
      const row = (y - first) >> 1
      const next = y % 2 === 0 ? row - 1 : row + 1
      simd.convertSubsampledRow(
        lumaRow, rowAddress(cb, row) + x / 2, rowAddress(cr, row) + x / 2, rowAddress(cb, next) + x / 2, rowAddress(cr, next) + x / 2, 8, 7, width, result
      )
    }
  }
}
