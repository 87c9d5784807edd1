import type { Sampling } from './jpeg-header.ts'
import type { Size, Window } from './pixels.ts'
import { constants, type Arena } from './simd.ts'

const { BLOCK_BYTES, HUFFMAN_BYTES, RGB_BYTES } = constants

/** Side of a block, in samples. */
export const BLOCK_SIDE = 8

/** Samples before and after each row of a plane: chroma samples at the edges of the picture need neighbours. */
export const MARGIN = 16

/** Bytes of a quantisation table: 64 u16. */
const QUANTISATION_BYTES = 128

/** Most bytes of a block in the file: 64 coefficients of at most 27 bits, where a stuffed byte may follow each byte. */
const MAX_CODED_BLOCK_BYTES = 432

const RESTART_MARKER_BYTES = 2

/** Bytes of the file that are in WebAssembly memory at a time, unless a row of MCUs may need more. */
const INPUT_BYTES = 256 * 1024

/** The rows of one component in one row of MCUs, with one more row above them and one below. */
export interface Plane {
  /** Address of the first sample of the row above. */
  address: number
  rowBytes: number
  /** Number of rows without those two. */
  rows: number
}

/** Addresses and sizes of everything that a decoder keeps in WebAssembly memory. */
export interface Layout {
  mcu: Size & { blocks: number }
  mcusPerRow: number
  mcuRows: number
  /** Indices of the MCUs in a row whose samples are needed: the first, and the one after the last. */
  from: number
  to: number
  /** One for each component. */
  planes: Plane[]
  /** One set for each component. */
  tables: Array<{ dc: number, ac: number, quantisation: number }>
  /** A row of samples without colour, which stands in for Cb and Cr of a grey picture. */
  neutralChroma: number
  /** Descriptors of the blocks of an MCU. */
  blocks: number
  /** For each component an i32, its last DC coefficient. */
  lastDc: number
  /** RGB pixels of a band. */
  rgb: number
  rgbRowBytes: number
  /** A part of the file. */
  input: number
  inputBytes: number
  /** Most bytes of a row of MCUs in the file. */
  codedRowBytes: number
}

/**
 * Allocates the memory of a decoder.
 *
 * @param window the part of the stored picture whose pixels are needed
 * @param fileBytes length of the file
 */
export function allocateLayout ({ components, width, height }: Size & { components: Sampling[] }, window: Window, fileBytes: number, arena: Arena): Layout {
  const { horizontal, vertical } = components[0]!
  const mcu = {
    width: BLOCK_SIDE * horizontal,
    height: BLOCK_SIDE * vertical,
    blocks: components.reduce((sum, { horizontal, vertical }) => sum + horizontal * vertical, 0)
  }
  const mcusPerRow = Math.ceil(width / mcu.width)
  // Two pixels more on each side, because the interpolation of chroma uses its neighbours.
  const from = Math.max(0, Math.floor((window.left - 2) / mcu.width))
  const to = Math.min(mcusPerRow, Math.ceil((window.left + window.width + 2) / mcu.width))
  const rgbRowBytes = (to - from) * mcu.width * RGB_BYTES
  const codedRowBytes = mcusPerRow * (mcu.blocks * MAX_CODED_BLOCK_BYTES + RESTART_MARKER_BYTES)
  const inputBytes = Math.min(fileBytes, Math.max(INPUT_BYTES, 2 * codedRowBytes))
  return {
    mcu,
    mcusPerRow,
    mcuRows: Math.ceil(height / mcu.height),
    from,
    to,
    planes: components.map(({ horizontal, vertical }) => {
      const rowBytes = MARGIN + mcusPerRow * horizontal * BLOCK_SIDE + MARGIN
      const rows = vertical * BLOCK_SIDE
      return { address: arena.allocate(rowBytes * (rows + 2)) + MARGIN, rowBytes, rows }
    }),
    neutralChroma: arena.allocate(mcusPerRow * BLOCK_SIDE),
    tables: components.map(() => ({
      dc: arena.allocate(HUFFMAN_BYTES), ac: arena.allocate(HUFFMAN_BYTES), quantisation: arena.allocate(QUANTISATION_BYTES)
    })),
    blocks: arena.allocate(BLOCK_BYTES * mcu.blocks),
    lastDc: arena.allocate(4 * components.length),
    // One row more than an MCU has: see the delayed row in Decoder.bands().
    rgb: arena.allocate(rgbRowBytes * (mcu.height + 1)),
    rgbRowBytes,
    input: arena.allocate(inputBytes),
    inputBytes,
    codedRowBytes
  }
}

/** Address of the first sample of a row; row 0 is the first row of the MCUs. */
export function rowAddress ({ address, rowBytes }: Plane, row: number): number {
  return address + (row + 1) * rowBytes
}
