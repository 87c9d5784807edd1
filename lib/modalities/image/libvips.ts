import sharp, { type Metadata, type Sharp } from 'sharp'
import { ImageCorrupt, ImageUnsupported } from '../../errors.ts'
import { readJpegOrientation } from '../../pixels/jpeg-header.ts'
import type { Pixels, Size } from '../../pixels/pixels.ts'
import { decodeBitmap, isBmp, readBitmap } from './bmp.ts'
import { flatten } from './flatten.ts'
import { unreadTiffType, unreadType, UNUSUAL_BMP, unsupported, type Unread } from './formats.ts'
import { geometryOf } from './geometry.ts'
import type { ImageInput } from './input.ts'
import { decodedBytes } from './memory.ts'
import { orientationOf } from './orientation.ts'
import type { Picture } from './picture.ts'
import { hasUnnamedChannels } from './tiff.ts'

/** Environment variable with the id of the process whose loaders are chosen. A process that this one starts has another id. */
const CHOSEN_IN = 'SERVERY_LOADERS_CHOSEN_IN'

// Allows only the loaders of these formats, from memory. All others are blocked: SVG, PDF, and any file on disk.
// The choice holds for the whole process. If each worker made it again, it would block for a moment what others are reading, so
// that the first one to load this module makes it: workers share the environment variables of the process.
if (process.env[CHOSEN_IN] !== String(process.pid)) {
  process.env[CHOSEN_IN] = String(process.pid)
  sharp.block({ operation: ['VipsForeignLoad'] })
  sharp.unblock({
    operation: ['Jpeg', 'Png', 'Webp', 'Nsgif', 'Heif', 'Tiff'].map(loader => `VipsForeignLoad${loader}Buffer`)
  })
}
// No cache, because pictures rarely repeat. One thread per picture, because several pictures are decoded in parallel.
sharp.cache(false)
sharp.concurrency(1)

/** Most channels of a picture in these colour spaces; 4 in any other. Pillow reads no inks with transparency. */
const MOST_CHANNELS: Record<string, number> = { 'b-w': 2, grey16: 2, cmyk: 4 }

/** For each orientation from 1 on: whether to mirror the stored picture left to right, and by how many degrees to rotate it clockwise then. */
const TURNS = [[false, 0], [true, 0], [false, 180], [true, 180], [true, 270], [false, 90], [true, 90], [false, 270]] as const

/** What is wrong with a picture if libvips says nothing better. */
const NO_HEADER = 'its header cannot be read'

/** Longest time for libvips to decode one picture. */
const DECODE_TIMEOUT_SECONDS = 10

/** What the header of a picture tells, with the memory that its decoding takes. */
export type Header = Pick<Picture, 'width' | 'height' | 'orientation' | 'isCmyk' | 'libvipsBytes'>

/**
 * Reads the header of a picture.
 *
 * @param name name of the input in error messages, such as `file 'cat.jpg'`
 * @returns width and height in pixels as people see the picture
 * @throws ImageUnsupported, ImageCorrupt
 */
export async function sniff (bytes: Uint8Array, name: string): Promise<Header> {
  const tiff = unreadTiffType(bytes)
  if (tiff) throw refusal(tiff, name)
  if (isBmp(bytes)) return sniffBitmap(bytes, name)
  const metadata = await headerOf(bytes, name)
  const { space, channels, width, height } = metadata
  if (channels > (MOST_CHANNELS[space] ?? 4)) {
    const kind = space === 'cmyk' ? 'a CMYK image with transparency' : `an image with ${channels} channels`
    throw refusal(unsupported(kind), name)
  }
  const orientation = orientationOf(bytes, metadata)
  return { ...shownSize({ width, height }, orientation), orientation, isCmyk: space === 'cmyk', libvipsBytes: decodedBytes({ ...metadata, orientation }) }
}

/** libvips reads no BMP, so the pixels come from the own decoder. */
function sniffBitmap (bytes: Uint8Array, name: string): Header {
  let bitmap
  try {
    bitmap = readBitmap(bytes)
  } catch (error) {
    throw new ImageCorrupt(name, reasonOf(error))
  }
  if (!bitmap) throw refusal(UNUSUAL_BMP, name)
  const { width, height, channels } = bitmap
  // The pixels, and those of libvips when they are drawn.
  const libvipsBytes = decodedBytes({ format: 'raw', width, height, channels, depth: 'uchar', hasAlpha: channels === 4, isProgressive: false })
  return { width, height, orientation: 1, isCmyk: false, libvipsBytes }
}

/**
 * Memory in bytes that libvips takes to decode a picture.
 *
 * @throws Error that says what is wrong with the picture
 */
export async function memoryOf (bytes: Uint8Array): Promise<number> {
  try {
    const metadata = await openEncoded(bytes, false).metadata()
    return decodedBytes({ ...metadata, orientation: orientationOf(bytes, metadata) })
  } catch (error) {
    throw new Error(reasonOf(error), { cause: error })
  }
}

/**
 * Decodes the first frame of a picture. Turns it upright by its EXIF or XMP, and puts transparent pixels on the background.
 * Ignores colour profiles, as Pillow does.
 *
 * It decodes at full size: decoding a JPEG at half its size before the resize changed probabilities by 0.004.
 *
 * Four kinds of pictures are not Pillow's:
 *
 * - 16-bit grey without transparency becomes its upper 8 bits. Pillow turns all levels from 255 on into white.
 * - Around a GIF frame that is smaller than its canvas and has no transparent colour, there is black. Pillow takes the first
 *   colour of the palette.
 * - The colours of an AVIF differ by a few levels, and by more along hard edges if its chroma has half the size, because
 *   another decoder converts them.
 * - A 16-bit TIFF with separate planes keeps its colours. Pillow 13 halves its levels.
 *
 * @param background as #rrggbb
 * @returns 8 bits per channel; three channels, or four for CMYK
 * @throws Error that says what is wrong with the picture
 */
export async function decodePicture (picture: Picture, background: string): Promise<Pixels> {
  const { isCmyk, bytes } = picture
  const bitmap = isBmp(bytes) ? readBitmap(bytes) : null
  if (bitmap) return onBackground(await decodeBitmap(bytes, bitmap), background)
  const image = await openUpright(picture)
  if (isCmyk) image.pipelineColourspace('cmyk').toColourspace('cmyk')
  else image.toColourspace('srgb')
  try {
    // toBuffer() instead of toUint8Array(), which copies: that took 17 of 66 milliseconds for 12 megapixels.
    const { data, info } = await image.raw().toBuffer({ resolveWithObject: true })
    const pixels = { data, width: info.width, height: info.height, channels: info.channels }
    return isCmyk ? pixels : onBackground(pixels, background)
  } catch (error) {
    throw new Error(reasonOf(error), { cause: error })
  }
}

function onBackground (pixels: Pixels, background: string): Pixels {
  return pixels.channels === 4 ? flatten(pixels, background) : pixels
}

/**
 * Draws the part of a picture that the model sees, at a larger size, for people.
 *
 * @param width width of the result in pixels; `width` and `height` have the proportions of the model's input
 * @returns PNG
 * @throws Error that says what is wrong with the picture
 */
export async function viewOf (picture: Picture, input: ImageInput, width: number, height: number): Promise<Buffer> {
  const [acrossScale, downScale] = [width / input.width, height / input.height]
  try {
    const upright = await openUpright(picture)
    const shown = shownSize(await upright.metadata(), orientationOfPicture(picture))
    const { resized, left, top, padding } = geometryOf(shown, input)
    const full = { width: Math.max(1, Math.round(resized.width * acrossScale)), height: Math.max(1, Math.round(resized.height * downScale)) }
    const [across, down] = [along(left * acrossScale, full.width, width), along(top * downScale, full.height, height)]
    const image = upright.flatten({ background: input.background }).toColourspace('srgb').resize(full.width, full.height, { fit: 'fill' })
      .extract({ left: across.start, top: down.start, width: across.length, height: down.length })
      .extend({ left: across.before, right: across.after, top: down.before, bottom: down.after, background: padding })
    return await image.png({ compressionLevel: 1 }).toBuffer()
  } catch (error) {
    throw new Error(reasonOf(error), { cause: error })
  }
}

/** The part of one axis of a picture that a frame shows, and the padding before it and after it. */
function along (offset: number, side: number, frame: number): { start: number, length: number, before: number, after: number } {
  const first = Math.min(Math.round(offset), side - 1)
  const start = Math.max(0, first)
  const before = Math.min(start - first, frame - 1)
  const length = Math.min(side - start, frame - before)
  return { start, length, before, after: frame - before - length }
}

async function headerOf (bytes: Uint8Array, name: string): Promise<Metadata> {
  let reason = NO_HEADER
  try {
    const metadata = await openEncoded(bytes, false).metadata()
    // libvips reads the header of HEIC too. But sharp comes without a decoder for HEVC, because of patents.
    if (metadata.format !== 'heif' || metadata.compression === 'av1') return metadata
  } catch (error) {
    reason = reasonOf(error)
  }
  const unread = await unreadType(bytes)
  throw unread ? refusal(unread, name) : new ImageCorrupt(name, reason)
}

function refusal ({ kind, advice }: Unread, name: string): Error {
  return new ImageUnsupported(name, kind, advice)
}

async function open (bytes: Uint8Array, limitInputPixels: number): Promise<Sharp> {
  const bitmap = isBmp(bytes) ? readBitmap(bytes) : null
  if (!bitmap) return openEncoded(bytes, limitInputPixels)
  const { data, width, height, channels } = await decodeBitmap(bytes, bitmap)
  return sharp(data, { raw: { width, height, channels: channels === 4 ? 4 : 3 }, limitInputPixels })
}

function openEncoded (bytes: Uint8Array, limitInputPixels: number | false): Sharp {
  return sharp(bytes, { failOn: 'error', ignoreIcc: true, limitInputPixels })
}

/** Opens a picture to decode it upright. */
async function openUpright (picture: Picture): Promise<Sharp> {
  const { bytes, width, height } = picture
  const image = (await open(bytes, width * height)).timeout({ seconds: DECODE_TIMEOUT_SECONDS })
  if (hasUnnamedChannels(bytes)) image.removeAlpha()
  const [isMirrored, degrees] = TURNS[orientationOfPicture(picture) - 1]!
  return image.flop(isMirrored).rotate(degrees)
}

/** A JPEG for the own decoder has no orientation yet when it comes here. */
function orientationOfPicture ({ bytes, orientation = readJpegOrientation(bytes) }: Picture): number {
  return orientation
}

function shownSize ({ width, height }: Size, orientation: number): Size {
  return orientation > 4 ? { width: height, height: width } : { width, height }
}

/** What libvips says, as words for people: its first line that is no consequence of another, without the parts of libvips that report it. */
function reasonOf (error: unknown): string {
  const lines = String(error instanceof Error ? error.message : error).split('\n')
    .map(line => line.replace(/^Input buffer (has|contains) /, '').replace(/^((corrupt header|\w+2vips|vipspng|VipsJpeg|gifload_buffer|heif|source input): ?)+/, '').trim())
  return lines.find(line => line !== '' && line !== 'unsupported image format' && !line.startsWith('source: bad seek')) ?? NO_HEADER
}
