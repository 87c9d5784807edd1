import { readFileSync } from 'node:fs'
import { projectFile } from '../project.ts'

/** What SIMD instructions may read or write past the end of a block of memory, in bytes. Blocks are aligned to it. */
const SLACK_BYTES = 64

const WASM_PAGE_BYTES = 65_536

/** The functions that simd/*.ts exports. Addresses are in WebAssembly memory. A boolean result is 0 or 1. */
interface Functions {
  /** The first address after the module's own data. */
  freeAddress (): number
  /**
   * The horizontal pass: resizes `rows` rows of RGB pixels to `columns` pixels of 3 bytes each.
   *
   * @param pixelBytes bytes of a source pixel, 3 or 4
   * @param starts address of an i32 for each column: the first source pixel of its window
   * @param pairs pairs of taps in a window
   */
  resizeHorizontally (
    source: number, rows: number, rowBytes: number, pixelBytes: number, starts: number, weights: number, pairs: number, columns: number, result: number
  ): void
  /**
   * The vertical pass: resizes columns of bytes to `rows` rows.
   *
   * @param starts address of an i32 for each result row: offset of its window in the source, in bytes
   * @param pairs pairs of taps in a window
   */
  resizeVertically (source: number, rows: number, rowBytes: number, starts: number, weights: number, pairs: number, result: number): void
  /** Starts to read entropy-coded data at an address, up to the address `until`. */
  startInput (address: number, until: number): void
  /** Tells the reader that the input moved by `distance` bytes and now ends at the address `until`. */
  moveInput (distance: number, until: number): void
  /** Address of the next byte that is read. */
  inputAddress (): number
  /**
   * Drops the rest of the last byte, and zero bytes up to the next marker.
   *
   * @returns 0 if the decoder used more bits than the input has, or if other bytes come before the marker
   */
  skipToMarker (): number
  /**
   * Decodes `mcuCount` MCUs from the MCU with the index `mcu` on. Only the samples of the MCUs with the indices `from` to
   * `to`, exclusive, are stored.
   *
   * @param blocks address of the descriptors of the blocks of an MCU
   * @returns 0 if the input is no valid entropy-coded data, or if a coefficient is larger than those of any picture
   */
  decodeMcus (blocks: number, blockCount: number, mcu: number, mcuCount: number, from: number, to: number): number
  /** Converts a row of YCbCr samples of equal width to RGB pixels of `RGB_BYTES`. */
  convertRow (y: number, cb: number, cr: number, width: number, result: number): void
  /**
   * Converts a row whose chroma has half the width, and half or all of the height.
   *
   * @param nextCb address of the second nearest chroma row, as is `nextCr`
   * @param evenRounding added before the mean of an even column is shifted right by 4 bits
   * @param oddRounding the same for an odd column
   */
  convertSubsampledRow (
    y: number, cb: number, cr: number, nextCb: number, nextCr: number, evenRounding: number, oddRounding: number, width: number, result: number
  ): void
}

/** How many parameters each function has. A WebAssembly function tells this number as its `length`. */
const PARAMETER_COUNTS: { readonly [Name in keyof Functions]: Parameters<Functions[Name]>['length'] } = {
  freeAddress: 0,
  resizeHorizontally: 9,
  resizeVertically: 7,
  startInput: 2,
  moveInput: 2,
  inputAddress: 0,
  skipToMarker: 0,
  decodeMcus: 6,
  convertRow: 5,
  convertSubsampledRow: 9
}

const exports = instantiate()
if (!hasFunctions(exports)) throw new Error('simd.wasm exports other functions than this version expects: run npm run build')

/** The inner loops of decoding and resizing. */
export const simd: Readonly<Functions> = { ...exports }

/** The constants that simd/*.ts exports, which tell the layout of the data that the functions read. */
export const constants = {
  WEIGHT_BITS: numberOf('WEIGHT_BITS'),
  WEIGHT_LOW_BITS: numberOf('WEIGHT_LOW_BITS'),
  LOOKUP_BITS: numberOf('LOOKUP_BITS'),
  HUFFMAN_VALUES: numberOf('HUFFMAN_VALUES'),
  HUFFMAN_CODES: numberOf('HUFFMAN_CODES'),
  HUFFMAN_LIMITS: numberOf('HUFFMAN_LIMITS'),
  HUFFMAN_OFFSETS: numberOf('HUFFMAN_OFFSETS'),
  HUFFMAN_SYMBOLS: numberOf('HUFFMAN_SYMBOLS'),
  HUFFMAN_BYTES: numberOf('HUFFMAN_BYTES'),
  BLOCK_DC_TABLE: numberOf('BLOCK_DC_TABLE'),
  BLOCK_AC_TABLE: numberOf('BLOCK_AC_TABLE'),
  BLOCK_QUANTISATION: numberOf('BLOCK_QUANTISATION'),
  BLOCK_LAST_DC: numberOf('BLOCK_LAST_DC'),
  BLOCK_SAMPLES: numberOf('BLOCK_SAMPLES'),
  BLOCK_ROW_BYTES: numberOf('BLOCK_ROW_BYTES'),
  BLOCK_MCU_BYTES: numberOf('BLOCK_MCU_BYTES'),
  BLOCK_BYTES: numberOf('BLOCK_BYTES'),
  RGB_BYTES: numberOf('RGB_BYTES')
} as const

const memory = memoryOf()

/**
 * Hands out blocks of WebAssembly memory, one after the other, to one picture. There is nothing to free: the next
 * picture's arena starts at the same address and overwrites everything.
 */
export class Arena {
  #end = alignUp(simd.freeAddress())

  /** Allocates a block and returns its address. The block's bytes have any value. */
  allocate (length: number): number {
    const start = this.#end + SLACK_BYTES
    this.#end = alignUp(start + length)
    return start
  }

  /** Bytes of WebAssembly memory that all blocks need together, in whole pages. */
  get bytes (): number {
    return Math.ceil((this.#end + SLACK_BYTES) / WASM_PAGE_BYTES) * WASM_PAGE_BYTES
  }

  /** The memory, which grows here until it has room for all blocks. */
  memory (): Uint8Array<ArrayBuffer> {
    const missing = this.bytes - memory.buffer.byteLength
    if (missing > 0) memory.grow(missing / WASM_PAGE_BYTES)
    return new Uint8Array(memory.buffer)
  }
}

function alignUp (address: number): number {
  return Math.ceil(address / SLACK_BYTES) * SLACK_BYTES
}

function instantiate (): WebAssembly.Exports {
  return new WebAssembly.Instance(new WebAssembly.Module(readFileSync(projectFile('dist/lib/pixels/simd/simd.wasm')))).exports
}

function hasFunctions (exports: WebAssembly.Exports): exports is WebAssembly.Exports & Functions {
  return Object.entries(PARAMETER_COUNTS).every(([name, count]) => {
    const value = exports[name]
    return typeof value === 'function' && value.length === count
  })
}

function numberOf (name: string): number {
  const constant = exports[name]
  if (constant instanceof WebAssembly.Global && typeof constant.value === 'number') return constant.value
  throw new Error(`simd.wasm exports no constant ${name}: run npm run build`)
}

function memoryOf (): WebAssembly.Memory {
  if (exports.memory instanceof WebAssembly.Memory) return exports.memory
  throw new Error('simd.wasm exports no memory: run npm run build')
}
