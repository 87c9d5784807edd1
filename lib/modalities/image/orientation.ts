import { constants, inflateSync } from 'node:zlib'
import type { Metadata } from 'sharp'
import { readJpegOrientation } from '../../pixels/jpeg-header.ts'
import { exifOrientation, orientationIn } from '../../pixels/orientation.ts'
import { tiffOrientation } from './tiff.ts'

/** Most chunks of a PNG that are looked at, so that a file full of empty chunks does not block the thread. */
const MAX_CHUNKS = 10_000

/** Longest inflated text of a PNG chunk, as in Pillow. */
const TEXT_LIMIT_BYTES = 1024 * 1024

const XMP_KEYWORD = 'XML:com.adobe.xmp'
const IMAGEMAGICK_EXIF_KEYWORD = 'Raw profile type exif'

/**
 * The orientation of a picture as Pillow's `ImageOps.exif_transpose` sees it: by EXIF or else by XMP, and in AVIF by the
 * container. libvips knows only EXIF, and in a PNG only if it comes before the pixels.
 *
 * @param bytes the file
 * @param metadata of the same file
 * @returns 1 to 8: what must still be done to the pixels that libvips decodes
 */
export function orientationOf (bytes: Uint8Array, { format, exif, xmp }: Metadata): number {
  switch (format) {
    case 'jpeg': return readJpegOrientation(bytes)
    case 'png': return pngOrientation(bytes)
    case 'heif': return isTurnedByContainer(bytes) || exifOrientation(exif) !== undefined ? 1 : orientationIn(undefined, xmp)
    // libvips also tells an orientation if the file has no tag for it.
    case 'tiff': return orientationIn(tiffOrientation(bytes), xmp)
    default: return orientationIn(exifOrientation(exif), xmp)
  }
}

/**
 * Whether the file has a rotation or a mirroring as properties of AVIF. The decoder applies them, and then the orientation
 * in EXIF and XMP tells the same once more. The properties are in the first box of the file after its type.
 *
 * @see https://aomediacodec.github.io/av1-avif/
 */
function isTurnedByContainer (bytes: Uint8Array): boolean {
  const { buffer, byteOffset, byteLength } = bytes
  const file = Buffer.from(buffer, byteOffset, byteLength)
  const start = file.length < 8 ? 0 : file.readUInt32BE(0)
  if (start + 8 > file.length) return false
  const box = file.subarray(start, start + file.readUInt32BE(start))
  return box.includes('irot', 0, 'latin1') || box.includes('imir', 0, 'latin1')
}

interface Chunk {
  type: string
  data: Buffer
}

/** @see https://www.w3.org/TR/png-3/ */
function pngOrientation (bytes: Uint8Array): number {
  let exif: Uint8Array | undefined
  let imageMagickExif: Chunk | undefined
  let xmp: Chunk | undefined
  for (const chunk of chunksOf(bytes)) {
    if (chunk.type === 'eXIf') exif = chunk.data
    else if (!['tEXt', 'zTXt', 'iTXt'].includes(chunk.type)) continue
    else if (startsWith(chunk, XMP_KEYWORD)) xmp = chunk
    else if (startsWith(chunk, IMAGEMAGICK_EXIF_KEYWORD)) imageMagickExif = chunk
  }
  exif ??= imageMagickExif && fromHex(textOf(imageMagickExif))
  return orientationIn(exifOrientation(exif), xmp && textOf(xmp))
}

function * chunksOf (bytes: Uint8Array): Generator<Chunk> {
  const { buffer, byteOffset, byteLength } = bytes
  const file = Buffer.from(buffer, byteOffset, byteLength)
  for (let at = 8, count = 0; at + 12 <= file.length && count < MAX_CHUNKS; count++) {
    const length = file.readUInt32BE(at)
    yield { type: file.toString('latin1', at + 4, at + 8), data: file.subarray(at + 8, at + 8 + length) }
    at += 12 + length
  }
}

function startsWith ({ data }: Chunk, keyword: string): boolean {
  return data.toString('latin1', 0, keyword.length + 1) === `${keyword}\0`
}

/** The text of a chunk tEXt, zTXt or iTXt; empty if it is damaged. */
function textOf ({ type, data }: Chunk): Buffer {
  const start = data.indexOf(0) + 1
  if (type === 'tEXt') return data.subarray(start)
  if (type === 'zTXt') return inflated(data.subarray(start + 1))
  const isCompressed = data[start] === 1
  const language = data.indexOf(0, start + 2)
  const text = data.subarray(data.indexOf(0, language + 1) + 1)
  return isCompressed ? inflated(text) : text
}

function inflated (data: Buffer): Buffer {
  try {
    return inflateSync(data, { maxOutputLength: TEXT_LIMIT_BYTES, finishFlush: constants.Z_SYNC_FLUSH })
  } catch {
    return Buffer.alloc(0)
  }
}

/** ImageMagick's profile as text: a line with the name, one with the length, then the bytes as hexadecimal digits. */
function fromHex (text: Buffer): Buffer {
  const digits = text.toString('latin1', 0, TEXT_LIMIT_BYTES).split('\n').slice(3).join('')
  return Buffer.from(digits, 'hex')
}
