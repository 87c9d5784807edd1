import sharp, { type Metadata, type Sharp } from 'sharp'
import { ImageCorrupt, ImageUnsupported } from '../../errors.ts'
import type { Pixels } from '../../pixels/pixels.ts'
import { flatten } from './flatten.ts'
import type { ImageInput } from './input.ts'
import type { Picture } from './picture.ts'

/** Formats that are read, for messages and documents. */
export const IMAGE_FORMATS = ['JPEG', 'PNG', 'WebP', 'GIF', 'AVIF', 'TIFF'] as const

// libvips opens an allow-list of loaders and nothing else: no SVG, no PDF, no file paths.
sharp.block({ operation: ['VipsForeignLoad'] })
sharp.unblock({
  operation: ['Jpeg', 'Png', 'Webp', 'Nsgif', 'Heif', 'Tiff'].map(loader => `VipsForeignLoad${loader}Buffer`)
})
// No picture comes twice, and one thread each is right where many are decoded side by side.
sharp.cache(false)
sharp.concurrency(1)

/** Most channels of a picture in these colour spaces; 4 in any other. Pillow reads no inks with transparency. */
const MOST_CHANNELS: Record<string, number> = { 'b-w': 2, grey16: 2, cmyk: 4 }

/** Seconds that libvips may spend on one picture. */
const DECODE_TIMEOUT_SECONDS = 10

/**
 * The size of a picture in pixels as it is shown, and whether its colours are inks. Reads the header only.
 *
 * @param name of the input in error messages, such as `file 'cat.jpg'`
 * @throws ImageUnsupported, ImageCorrupt
 */
export async function sniff (bytes: Uint8Array, name: string): Promise<{ width: number, height: number, isCmyk: boolean }> {
  const { space, channels, autoOrient: { width, height } } = await headerOf(bytes, name)
  if (channels > (MOST_CHANNELS[space] ?? 4)) {
    const kind = space === 'cmyk' ? 'a CMYK image with transparency' : `an image with ${channels} channels`
    throw new ImageUnsupported(name, `${kind}, which is not read here`, IMAGE_FORMATS.join(', '))
  }
  return { width, height, isCmyk: space === 'cmyk' }
}

/**
 * Decodes a picture: first frame, EXIF orientation applied, transparency laid on the background, colours as stored
 * (profiles ignored, as Pillow does), 8 bits in three channels, or four for inks. Nothing is reduced while decoding:
 * a JPEG decoded at half its size, and resized by 15 from there, moved probabilities by 0.004.
 *
 * Two kinds of pictures are not Pillow's. 16-bit grey without transparency becomes its upper 8 bits, while Pillow turns
 * all levels from 255 on into white. Around a GIF frame that is smaller than its canvas and has no transparent colour,
 * there is black, while Pillow takes the first colour of the palette.
 *
 * @param background as #rrggbb
 * @throws Error that says what is wrong with the picture
 */
export async function decodePicture ({ bytes, width, height, isCmyk }: Picture, background: string): Promise<Pixels> {
  const image = open(bytes, width * height).timeout({ seconds: DECODE_TIMEOUT_SECONDS })
  if (isCmyk) image.pipelineColourspace('cmyk').toColourspace('cmyk')
  else image.toColourspace('srgb')
  try {
    // Not toUint8Array(), which copies: 17 of 66 milliseconds for 12 megapixels.
    const { data, info } = await image.raw().toBuffer({ resolveWithObject: true })
    const pixels = { data, width: info.width, height: info.height, channels: info.channels }
    return info.channels === 4 && !isCmyk ? flatten(pixels, background) : pixels
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
    throw new Error(reasonOf(error))
  }
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
