import { FILTER_SUPPORT, MAX_BAND_ROWS, type Filter, type Size } from './pixels.ts'

/** Bytes that a decoder keeps for each pixel of a row: the coded file, the samples of a row of MCUs, and their RGB pixels. */
const ROW_BYTES_PER_PIXEL = 448

/** Bytes that it keeps in any case: a part of the file, and the tables. */
const FIXED_BYTES = 384 * 1024

/** Bytes of windows and weights for each pixel of a side. */
const WINDOW_BYTES_PER_PIXEL = 32

/** Bytes of an RGB pixel that waits for the second pass. */
const HELD_PIXEL_BYTES = 4

/**
 * An upper bound of the memory that it takes to decode a baseline JPEG row by row and to resize it, in bytes, whatever its
 * chroma subsampling and orientation. Apart from the decoder, because the event loop asks and has no use for WebAssembly.
 *
 * @param source size of the stored picture
 * @param result size of the result, in pixels
 */
export function decodingBytes (source: Size, result: Size, filter: Filter): number {
  const [side, resultSide] = [Math.max(source.width, source.height), Math.max(result.width, result.height)]
  const scale = Math.max(1, side / Math.min(result.width, result.height))
  const taps = 2 * Math.ceil(FILTER_SUPPORT[filter] * scale) + 1
  // A picture that is tall or stored rotated by 90° holds as many rows as two windows see.
  const heldRows = Math.min(side, 2 * taps + MAX_BAND_ROWS)
  return FIXED_BYTES + source.width * ROW_BYTES_PER_PIXEL + 2 * (side + resultSide) * WINDOW_BYTES_PER_PIXEL * Math.max(1, FILTER_SUPPORT[filter]) +
    HELD_PIXEL_BYTES * (Math.max(heldRows, resultSide) * side + (side + resultSide) * resultSide)
}
