/** Bytes for each pixel of a picture's width that decoding a JPEG row by row takes. */
const SCAN_BYTES_PER_COLUMN = 512

/** Bytes of the file that are loaded at a time, at least. */
const LOADED_BYTES = 256 * 1024

/** Bytes that decoding a JPEG row by row, and resizing it to a width, takes at most. */
export function scanBytes ({ width, height }: { width: number, height: number }, resultWidth: number): number {
  return LOADED_BYTES + Math.max(width, height) * (SCAN_BYTES_PER_COLUMN + 4 * resultWidth)
}
