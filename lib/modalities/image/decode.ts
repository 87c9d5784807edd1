import sharp, { type Metadata, type Sharp } from 'sharp'
import { ImageCorrupt, ImageTooLarge, ImageTooLong, ImageUnsupported, InputEmpty } from '../errors.ts'
import type { ImageInput } from '../model/card.ts'
import { readJpegHeader, shownSize } from './jpeg-header.ts'
import type { Pixels } from './resize.ts'
import type { Picture } from './tensor.ts'

/** What `readPicture` reads, for messages and documents. */
export const IMAGE_FORMATS = ['JPEG', 'PNG', 'WebP', 'GIF', 'AVIF', 'TIFF'] as const

// libvips opens an allow-list of loaders and nothing else: no SVG, no PDF, no file paths.
sharp.block({ operation: ['VipsForeignLoad'] })
sharp.unblock({
  operation: ['Jpeg', 'Png', 'Webp', 'Nsgif', 'Heif', 'Tiff'].map(loader => `VipsForeignLoad${loader}Buffer`)
})
// No picture comes twice, and one thread each is right where many are decoded side by side.
sharp.cache(false)
sharp.concurrency(1)

/** Longest side of a picture, in pixels: strips of a pixel's width cost far more to decode than their size tells. */
const SIDE_LIMIT = 16_384

/** Seconds that libvips may spend on one picture. */
const DECODE_TIMEOUT = 10

/**
 * Reads a picture's header: the format is sniffed from the bytes, and nothing is decoded yet.
 *
 * @param name of the input in error messages, such as `file 'cat.jpg'`
 * @param pixelLimit width × height
 * @throws InputEmpty, ImageUnsupported, ImageTooLarge, ImageTooLong, ImageCorrupt
 */
export async function readPicture (bytes: Uint8Array, name: string, pixelLimit: number): Promise<Picture> {
  if (bytes.length === 0) throw new InputEmpty(name)
  const picture = baseline(bytes) ?? await sniffed(bytes, name)
  const { width, height } = picture
  if (width * height > pixelLimit) throw new ImageTooLarge(name, `${width} × ${height}`, pixelLimit)
  if (Math.max(width, height) > SIDE_LIMIT) throw new ImageTooLong(name, Math.max(width, height), SIDE_LIMIT)
  return picture
}

/**
 * Decodes a picture: first frame, EXIF orientation applied, transparency laid on the background, colours as stored
 * (profiles ignored, as Pillow does), 8 bits in three channels, or four for inks. Nothing is reduced while decoding:
 * a JPEG decoded at half its size, and resized by 15 from there, moved probabilities by 0.004.
 *
 * @param background as #rrggbb
 * @throws Error that says what is wrong with the picture
 */
export async function decodePicture ({ bytes, width, height, cmyk }: Picture, background: string): Promise<Pixels> {
  const image = open(bytes, width * height).timeout({ seconds: DECODE_TIMEOUT })
  if (cmyk) image.pipelineColourspace('cmyk').toColourspace('cmyk')
  else image.flatten({ background }).toColourspace('srgb')
  try {
    // Not toUint8Array(), which copies: 17 of 66 milliseconds for 12 megapixels.
    const { data, info } = await image.raw().toBuffer({ resolveWithObject: true })
    return { data, width: info.width, height: info.height, channels: info.channels }
  } catch (error) {
    throw new Error(reasonOf(error))
  }
}

/**
 * The part of a picture that a model sees, larger than the model sees it, for people.
 *
 * @param width of the answer in pixels, in the proportions of the model's input, as is `height`
 * @returns PNG
 * @throws Error that says what is wrong with the picture
 */
export async function viewOf (picture: Picture, input: ImageInput, width: number, height: number): Promise<Buffer> {
  const { background, resize: { fit, shorterSide } } = input
  const image = open(picture.bytes, picture.width * picture.height).timeout({ seconds: DECODE_TIMEOUT }).flatten({ background }).toColourspace('srgb')
  if (fit === 'cover') {
    const scale = shorterSide === undefined
      ? Math.max(width / picture.width, height / picture.height)
      : shorterSide * width / input.width / Math.min(picture.width, picture.height)
    const full = { width: Math.max(width, Math.round(picture.width * scale)), height: Math.max(height, Math.round(picture.height * scale)) }
    image.resize(full.width, full.height, { fit: 'fill' })
      .extract({ left: (full.width - width) >> 1, top: (full.height - height) >> 1, width, height })
  } else {
    image.resize(width, height, { fit: fit === 'contain' ? 'contain' : 'fill', background })
  }
  try {
    return await image.png({ compressionLevel: 1 }).toBuffer()
  } catch (error) {
    throw new Error(reasonOf(error))
  }
}

/** A JPEG as hard to decode as a photo of 512 by 384 pixels, to measure with. */
export async function examplePhoto (): Promise<Buffer> {
  const noise = { type: 'gaussian', mean: 128, sigma: 10 } as const
  return await sharp({ create: { width: 512, height: 384, channels: 3, background: '#808080', noise } }).jpeg({ chromaSubsampling: '4:2:0' }).toBuffer()
}

/** A small flat picture as PNG, for documents that need one that works. */
export async function examplePicture ({ width, height }: ImageInput): Promise<Buffer> {
  return await sharp({ create: { width, height, channels: 3, background: '#c2410c' } }).png().toBuffer()
}

/** A JPEG of the common kind; libvips would take a tenth of a millisecond to say so. */
function baseline (bytes: Uint8Array): Picture | null {
  const header = readJpegHeader(bytes)
  if (!header) return null
  const [width, height] = shownSize(header)
  return { bytes, width, height, baseline: true }
}

async function sniffed (bytes: Uint8Array, name: string): Promise<Picture> {
  const { space, autoOrient: { width, height } } = await headerOf(bytes, name)
  return { bytes, width, height, cmyk: space === 'cmyk' }
}

async function headerOf (bytes: Uint8Array, name: string): Promise<Metadata> {
  try {
    return await open(bytes, false).metadata()
  } catch (error) {
    // Loaded when it is needed: each worker would pay for it at its start.
    const { fileTypeFromBuffer } = await import('file-type')
    const type = await fileTypeFromBuffer(bytes)
    if (type && isReadable(type.mime)) throw new ImageCorrupt(name, reasonOf(error))
    throw new ImageUnsupported(name, type ? `${type.mime}, which is not read here` : 'not an image', IMAGE_FORMATS.join(', '))
  }
}

function open (bytes: Uint8Array, limitInputPixels: number | false): Sharp {
  return sharp(bytes, { autoOrient: true, failOn: 'error', ignoreIcc: true, limitInputPixels })
}

function isReadable (mime: string): boolean {
  return IMAGE_FORMATS.some(format => mime === `image/${format.toLowerCase()}`)
}

/** libvips' messages can be long and of several lines; the first says enough. */
function reasonOf (error: unknown): string {
  return String(error instanceof Error ? error.message : error).split('\n', 1).join('').replace(/^Input buffer (has|contains) /, '')
}
