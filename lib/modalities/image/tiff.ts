/** Numbers of TIFF tags. @see https://www.itu.int/itudoc/itu-t/com16/tiff-fx/docs/tiff6.pdf */
const TAG = {
  newSubfileType: 254,
  bitsPerSample: 258,
  compression: 259,
  photometric: 262,
  orientation: 274,
  planarConfiguration: 284,
  tileWidth: 322,
  subIfds: 330,
  extraSamples: 338,
  sampleFormat: 339,
  dngVersion: 50706
}

/** Compressions that are read: none, CCITT, LZW, JPEG, deflate, PackBits, WebP. */
const COMPRESSIONS = [1, 2, 3, 4, 5, 7, 8, 32773, 32946, 50001]
const COMPRESSION_NAMES: Record<number, string> = {
  6: 'old-style JPEG', 33003: 'JPEG 2000', 33005: 'JPEG 2000', 34676: 'SGI LogLuv', 34677: 'SGI LogLuv', 34712: 'JPEG 2000', 34887: 'LERC', 34925: 'LZMA', 50000: 'Zstandard', 50002: 'JPEG XL'
}
const JPEG_COMPRESSION = 7

/** Values of PhotometricInterpretation that are read: white is zero, black is zero, RGB, palette, inks. */
const COLOURS = [0, 1, 2, 3, 5]
const INKS = 5
const YCBCR = 6
const COLOUR_NAMES: Record<number, string> = {
  4: 'mask', 8: 'Lab', 9: 'Lab', 10: 'Lab', 32803: 'camera sensor', 32844: 'LogL', 32845: 'LogLuv', 34892: 'camera sensor'
}

/** Values of SampleFormat. */
const UNSIGNED = 1
const SIGNED = 2

const SEPARATE_PLANES = 2

/** Bytes of a directory's entry: tag, type, count and value. */
const ENTRY_BYTES = 12
const BIG_ENTRY_BYTES = 20

/** Most entries that are read. libtiff refuses a directory of more. */
const MAX_ENTRIES = 4096

/** Sizes in bytes of the types of values that are read here: BYTE, SHORT, LONG, IFD. */
const TYPE_BYTES: Record<number, 1 | 2 | 4> = { 1: 1, 3: 2, 4: 4, 13: 4 }

/** Whether the bytes start as a TIFF does, BigTIFF included. */
export function isTiff (bytes: Uint8Array): boolean {
  const start = Buffer.from(bytes.subarray(0, 4)).toString('latin1')
  return ['II*\0', 'MM\0*', 'II+\0', 'MM\0+'].includes(start)
}

/**
 * What kind of TIFF it is, if libvips cannot read this kind or makes other colours of it than Pillow: `a TIFF with LZMA
 * compression`. `null` if it can read it, or if the directory is damaged.
 */
export function unreadTiff (bytes: Uint8Array): string | null {
  const tags = readTags(bytes)
  if (!tags) return null
  const first = (tag: number, otherwise: number) => tags.get(tag) ?? otherwise
  const isPreview = (first(TAG.newSubfileType, 0) & 1) === 1 && tags.has(TAG.subIfds)
  if (tags.has(TAG.dngVersion) || isPreview || (bytes[8] === 0x43 && bytes[9] === 0x52)) return 'a camera raw file'
  const compression = first(TAG.compression, 1)
  if (!COMPRESSIONS.includes(compression)) return `a TIFF with ${COMPRESSION_NAMES[compression] ?? `unknown (${compression})`} compression`
  const colours = first(TAG.photometric, 1)
  if (colours === YCBCR && compression !== JPEG_COMPRESSION) return 'a TIFF with YCbCr colours that are not compressed as JPEG'
  if (colours !== YCBCR && !COLOURS.includes(colours)) return `a TIFF with ${COLOUR_NAMES[colours] ?? `unknown (${colours})`} colours`
  if (first(TAG.planarConfiguration, 1) === SEPARATE_PLANES && tags.has(TAG.tileWidth)) return 'a TIFF with tiles in separate planes'
  return unreadSamples(first(TAG.bitsPerSample, 1), first(TAG.sampleFormat, UNSIGNED), colours)
}

/** The orientation tag, also if its value is not valid, or `undefined` if there is no tag. */
export function tiffOrientation (bytes: Uint8Array): number | undefined {
  return readTags(bytes)?.get(TAG.orientation)
}

/** Whether Pillow ignores the channels after the colours, because the file does not say that they are transparency. */
export function hasUnnamedChannels (bytes: Uint8Array): boolean {
  return isTiff(bytes) && readTags(bytes)?.get(TAG.extraSamples) === 0
}

function unreadSamples (bits: number, format: number, colours: number): string | null {
  const isGrey = colours < 2
  const kind = format === UNSIGNED ? '' : format === SIGNED ? 'signed ' : 'floating-point '
  const isRead = format === UNSIGNED ? [1, 2, 4, 8, 16].includes(bits) && !(colours === INKS && bits > 8) : false
  // Grey levels of 32 bits are cut off at 0 and 255, as in Pillow.
  if (isRead || (isGrey && bits === 32)) return null
  return `a TIFF with ${kind}samples of ${bits} bits${colours === INKS ? ' for each ink' : ''}`
}

/** The first value of each tag of the first directory, or `null` if there is no directory. */
function readTags (bytes: Uint8Array): Map<number, number> | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const isLittleEndian = bytes[0] === 0x49
  if (bytes.length < 16) return null
  const isBig = view.getUint16(2, isLittleEndian) === 43
  const uint = (at: number, size: 1 | 2 | 4 | 8) => {
    if (at + size > bytes.length) return 0
    if (size === 8) return Number(view.getBigUint64(at, isLittleEndian))
    return size === 1 ? view.getUint8(at) : size === 2 ? view.getUint16(at, isLittleEndian) : view.getUint32(at, isLittleEndian)
  }
  const directory = isBig ? uint(8, 8) : uint(4, 4)
  if (directory + 2 > bytes.length) return null
  const [entryBytes, offsetBytes] = isBig ? [BIG_ENTRY_BYTES, 8] as const : [ENTRY_BYTES, 4] as const
  const start = directory + (isBig ? 8 : 2)
  const count = Math.min(uint(directory, isBig ? 8 : 2), Math.floor((bytes.length - start) / entryBytes), MAX_ENTRIES)
  const tags = new Map<number, number>()
  for (let entry = start; entry < start + count * entryBytes; entry += entryBytes) {
    const size = TYPE_BYTES[uint(entry + 2, 2)]
    if (!size) continue
    const isInside = uint(entry + 4, offsetBytes) * size <= offsetBytes
    const value = entry + 4 + offsetBytes
    tags.set(uint(entry, 2), uint(isInside ? value : uint(value, offsetBytes), size))
  }
  return tags
}
