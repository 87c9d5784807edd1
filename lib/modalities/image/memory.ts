/** What the header of a picture says, as libvips reports it. */
export interface Header {
  format: string
  /** Width and height as stored, before the EXIF orientation. */
  width: number
  height: number
  channels: number
  /** Type of a sample: `uchar`, `ushort`, `float`, … */
  depth: string
  hasAlpha: boolean
  /** Whether the file holds the picture in several scans or passes. */
  isProgressive: boolean
  chromaSubsampling?: string | undefined
  /** EXIF orientation. From 2 on, the picture is mirrored or turned. */
  orientation?: number | undefined
  /** Number of frames. */
  pages?: number | undefined
}

const SAMPLE_BYTES: Record<string, number> = { uchar: 1, char: 1, ushort: 2, short: 2, uint: 4, int: 4, float: 4, double: 8 }

/** libvips reads this many rows ahead. */
const ROWS_AHEAD = 650

/** What libvips takes for any picture. */
const FIXED_BYTES = 2 * 1024 * 1024

/**
 * Memory in bytes that libvips takes to decode a whole picture to 8 bits per channel, with the decoded pixels. Each figure
 * was measured.
 *
 * @see docs/decisions/0008-memory-of-decoding.md
 */
export function decodedBytes (header: Header): number {
  const { width, height, channels, depth, hasAlpha, orientation = 1 } = header
  const storedBytes = channels * (SAMPLE_BYTES[depth] ?? 8)
  const resultBytes = hasAlpha || channels > 3 ? 4 : 3
  const heldBytes = heldBytesOf(header, storedBytes)
  // A turned picture is copied. What the loader holds is free before the pixels of the result are written.
  const pixelBytes = orientation > 1 ? storedBytes + Math.max(heldBytes, resultBytes) : heldBytes + resultBytes
  return FIXED_BYTES + width * Math.min(height, ROWS_AHEAD) * storedBytes + width * height * pixelBytes
}

/** Bytes for each pixel that the loader of a format holds beside the result. */
function heldBytesOf ({ format, channels, isProgressive, chromaSubsampling, depth, pages = 1 }: Header, storedBytes: number): number {
  switch (format) {
    // The coefficients of all scans, as 16-bit integers. With 4:2:0, two channels have a quarter of them.
    case 'jpeg': return isProgressive ? 2 * (chromaSubsampling === '4:2:0' ? 1.5 : channels) : 0
    case 'png': return isProgressive ? storedBytes : 0
    // Rows of tiles. A file with strips takes less, but its header does not say which it is.
    case 'tiff': return storedBytes
    // A canvas, and for an animation a second one.
    case 'webp': return pages > 1 ? 9 : 5
    case 'gif': return 5
    // AVIF: the frames of the decoder, their planes, and a copy of the pixels.
    case 'heif': return depth === 'uchar' ? 16 : 23
    default: return storedBytes
  }
}
