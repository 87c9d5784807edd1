import sharp, { type Metadata, type Sharp } from 'sharp'
import { ImageCorrupt, ImageUnsupported } from '../../errors.ts'
import type { Pixels } from '../../pixels/pixels.ts'
import { flatten } from './flatten.ts'
import type { ImageInput } from './input.ts'
import { decodedBytes } from './memory.ts'
import type { Picture } from './picture.ts'

/** Supported picture formats, for messages and documents. */
export const IMAGE_FORMATS = ['JPEG', 'PNG', 'WebP', 'GIF', 'AVIF', 'TIFF'] as const

// Allows only the loaders of these formats, from memory. All others are blocked: SVG, PDF, and any file on disk.
sharp.block({ operation: ['VipsForeignLoad'] })
sharp.unblock({
  operation: ['Jpeg', 'Png', 'Webp', 'Nsgif', 'Heif', 'Tiff'].map(loader => `VipsForeignLoad${loader}Buffer`)
})
// No cache, because pictures rarely repeat. One thread per picture, because several pictures are decoded in parallel.
sharp.cache(false)
sharp.concurrency(1)

/** Most channels of a picture in these colour spaces; 4 in any other. Pillow reads no inks with transparency. */
const MOST_CHANNELS: Record<string, number> = { 'b-w': 2, grey16: 2, cmyk: 4 }

/** Longest time for libvips to decode one picture. */
const DECODE_TIMEOUT_SECONDS = 10

/**
 * Reads the header of a picture.
 *
 * @param name name of the input in error messages, such as `file 'cat.jpg'`
 * @returns width and height in pixels after the EXIF orientation, whether the colour space is CMYK, and the memory to decode it
 * @throws ImageUnsupported, ImageCorrupt
 */
export async function sniff (bytes: Uint8Array, name: string): Promise<Pick<Picture, 'width' | 'height' | 'isCmyk' | 'libvipsBytes'>> {
  const header = await headerOf(bytes, name)
  const { space, channels, autoOrient: { width, height } } = header
  if (channels > (MOST_CHANNELS[space] ?? 4)) {
    const kind = space === 'cmyk' ? 'a CMYK image with transparency' : `an image with ${channels} channels`
    throw new ImageUnsupported(name, `${kind}, which is not supported`, IMAGE_FORMATS.join(', '))
  }
  return { width, height, isCmyk: space === 'cmyk', libvipsBytes: decodedBytes(header) }
}

/**
 * Memory in bytes that libvips takes to decode a picture.
 *
 * @throws Error that says what is wrong with the picture
 */
export async function memoryOf (bytes: Uint8Array): Promise<number> {
  try {
    return decodedBytes(await open(bytes, false).metadata())
  } catch (error) {
    throw new Error(reasonOf(error), { cause: error })
  }
}

/**
 * Decodes the first frame of a picture. Applies the EXIF orientation, and puts transparent pixels on the background.
 * Ignores colour profiles, as Pillow does.
 *
 * It decodes at full size: decoding a JPEG at half its size before the resize changed probabilities by 0.004.
 *
 * Two kinds of pictures are not Pillow's. 16-bit grey without transparency becomes its upper 8 bits, while Pillow turns
 * all levels from 255 on into white. Around a GIF frame that is smaller than its canvas and has no transparent colour,
 * there is black, while Pillow takes the first colour of the palette.
 *
 * @param background as #rrggbb
 * @returns 8 bits per channel; three channels, or four for CMYK
 * @throws Error that says what is wrong with the picture
 */
export async function decodePicture ({ bytes, width, height, isCmyk }: Picture, background: string): Promise<Pixels> {
  const image = open(bytes, width * height).timeout({ seconds: DECODE_TIMEOUT_SECONDS })
  if (isCmyk) image.pipelineColourspace('cmyk').toColourspace('cmyk')
  else image.toColourspace('srgb')
  try {
    // toBuffer() instead of toUint8Array(), which copies: that took 17 of 66 milliseconds for 12 megapixels.
    const { data, info } = await image.raw().toBuffer({ resolveWithObject: true })
    const pixels = { data, width: info.width, height: info.height, channels: info.channels }
    return info.channels === 4 && !isCmyk ? flatten(pixels, background) : pixels
  } catch (error) {
    throw new Error(reasonOf(error), { cause: error })
  }
}

/**
 * Draws the part of a picture that the model sees, at a larger size, for people.
 *
 * @param width width of the result in pixels; `width` and `height` have the proportions of the model's input
 * @returns PNG
 * @throws Error that says what is wrong with the picture
 */
export async function viewOf ({ bytes, ...picture }: Picture, input: ImageInput, width: number, height: number): Promise<Buffer> {
  const { background, resize: { fit, shorterSide } } = input
  try {
    const { autoOrient: shown } = await open(bytes, false).metadata()
    const image = open(bytes, picture.width * picture.height).timeout({ seconds: DECODE_TIMEOUT_SECONDS }).flatten({ background }).toColourspace('srgb')
    if (fit === 'cover') {
      const scale = shorterSide === undefined
        ? Math.max(width / shown.width, height / shown.height)
        : shorterSide * width / input.width / Math.min(shown.width, shown.height)
      const full = { width: Math.max(width, Math.round(shown.width * scale)), height: Math.max(height, Math.round(shown.height * scale)) }
      image.resize(full.width, full.height, { fit: 'fill' })
        .extract({ left: (full.width - width) >> 1, top: (full.height - height) >> 1, width, height })
    } else {
      image.resize(width, height, { fit: fit === 'contain' ? 'contain' : 'fill', background })
    }
    return await image.png({ compressionLevel: 1 }).toBuffer()
  } catch (error) {
    throw new Error(reasonOf(error), { cause: error })
  }
}

async function headerOf (bytes: Uint8Array, name: string): Promise<Metadata> {
  try {
    return await open(bytes, false).metadata()
  } catch (error) {
    // Imported here, because a static import would slow the start of each worker.
    const { fileTypeFromBuffer } = await import('file-type')
    const type = await fileTypeFromBuffer(bytes)
    if (type && isReadable(type.mime)) throw new ImageCorrupt(name, reasonOf(error))
    throw new ImageUnsupported(name, type ? `${type.mime}, which is not supported` : 'not an image', IMAGE_FORMATS.join(', '))
  }
}

function open (bytes: Uint8Array, limitInputPixels: number | false): Sharp {
  return sharp(bytes, { autoOrient: true, failOn: 'error', ignoreIcc: true, limitInputPixels })
}

function isReadable (mime: string): boolean {
  return IMAGE_FORMATS.some(format => mime === `image/${format.toLowerCase()}`)
}

/** The first line of an error message. libvips' messages can have many lines. */
function reasonOf (error: unknown): string {
  return String(error instanceof Error ? error.message : error).split('\n', 1).join('').replace(/^Input buffer (has|contains) /, '')
}
