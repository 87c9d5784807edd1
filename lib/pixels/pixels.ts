import type { Arena } from './simd.ts'

/** Width and height in pixels. */
export interface Size {
  width: number
  height: number
}

/** Interleaved 8-bit pixels, row by row: `data[(y * width + x) * channels + channel]`. */
export interface Pixels extends Size {
  data: Uint8Array
  channels: number
}

/** A rectangle of a picture, in pixels. */
export interface Window extends Size {
  left: number
  top: number
}

/** Half-width of each antialiased filter, in source pixels at scale 1. `nearest` takes one source pixel at any scale. */
export const FILTER_SUPPORT = { nearest: 0, box: 0.5, bilinear: 1, hamming: 1, bicubic: 2, lanczos: 3 } as const

/** A resampling filter, by its name in Pillow. */
export type Filter = keyof typeof FILTER_SUPPORT

/** Successive rows of pixels in WebAssembly memory. */
export interface Band {
  /** Address of the first pixel of the first row. */
  address: number
  /** Index of the first row in the picture. */
  top: number
  rows: number
  /** Bytes from one row to the next. */
  rowBytes: number
  /** Bytes from one pixel to the next: the number of channels, or 4 for RGB pixels whose last byte has no meaning. */
  pixelBytes: number
}

/** Most rows that a band of a `PixelSource` has. */
export const MAX_BAND_ROWS = 32

/** A picture that gives its RGB pixels band by band, so that they are never in memory together. */
export interface PixelSource {
  /** Size of the picture as people see it, after the rotation by `orientation`. */
  readonly width: number
  readonly height: number
  readonly channels: 3
  /** EXIF orientation of the stored rows, 1 to 8; 1 is upright. */
  readonly orientation: number
  /**
   * Allocates memory for a window, which is given in the coordinates of the stored rows.
   *
   * @returns a function that goes through the stored rows of the window from top to bottom; each band starts at the
   * window's first column and has at most `MAX_BAND_ROWS` rows
   */
  bands (window: Window, arena: Arena): () => Iterable<Band>
}
