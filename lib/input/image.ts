import { availableParallelism } from 'node:os'
import { fileTypeFromBuffer } from 'file-type'
import pLimit from 'p-limit'
import sharp, { type Metadata, type Sharp } from 'sharp'
import { ImageCorrupt, ImageTooLarge, ImageUnsupported, InputEmpty } from '../errors.ts'
import type { ImageInput } from '../model/card.ts'
import type { Pixels } from './resize.ts'

/** What `decodeImage` reads, for messages and documents. */
export const IMAGE_FORMATS = ['JPEG', 'PNG', 'WebP', 'GIF', 'AVIF', 'TIFF'] as const

// libvips opens an allow-list of loaders and nothing else: no SVG, no PDF, no file paths.
sharp.block({ operation: ['VipsForeignLoad'] })
sharp.unblock({
  operation: ['Jpeg', 'Png', 'Webp', 'Nsgif', 'Heif', 'Tiff'].map(loader => `VipsForeignLoad${loader}Buffer`)
})
// No picture comes twice, and one thread each is right where many are decoded side by side.
sharp.cache(false)
sharp.concurrency(1)

/** No more decodes at once than there are cores; the rest wait as compressed bytes. */
const decodes = pLimit(availableParallelism())

/**
 * How many times larger than the model's input a picture stays before our own, exact resize; what is larger is first
 * reduced by libvips by an integer factor. At 3 the top probability moves by 0.007 on average, and by the inverse
 * square of the gap beyond; Pillow's `reducing_gap` is the same idea.
 */
const REDUCING_GAP = 5

/**
 * Reads a picture's bytes: format sniffed from the bytes, first frame, EXIF orientation applied, transparency laid on
 * the card's background, colours as stored (profiles ignored, as Pillow does), three channels of 8 bits.
 *
 * @param name of the input in error messages, such as `file 'cat.jpg'`
 * @param pixelLimit width × height, checked on the header before anything is decoded
 * @throws InputEmpty, ImageUnsupported, ImageTooLarge, ImageCorrupt
 */
export async function decodeImage (bytes: Uint8Array, name: string, input: ImageInput, pixelLimit: number): Promise<Pixels> {
  if (bytes.length === 0) throw new InputEmpty(name)
  const { space, autoOrient: size } = await headerOf(bytes, name)
  if (size.width * size.height > pixelLimit) throw new ImageTooLarge(name, `${size.width} × ${size.height}`, pixelLimit)
  return decodes(async () => {
    const image = open(bytes, pixelLimit)
    if (space === 'cmyk') image.pipelineColourspace('cmyk').toColourspace('cmyk')
    else image.flatten({ background: input.background }).toColourspace('srgb')
    const shrink = Math.floor(Math.min(size.width / input.width, size.height / input.height) / REDUCING_GAP)
    if (shrink > 1) {
      image.resize(Math.round(size.width / shrink), Math.round(size.height / shrink), {
        fit: 'fill', kernel: 'linear', fastShrinkOnLoad: false
      })
    }
    try {
      const { data, info } = await image.raw().toUint8Array()
      const pixels = { data, width: info.width, height: info.height, channels: info.channels }
      return space === 'cmyk' ? toRgb(pixels) : pixels
    } catch (error) {
      throw new ImageCorrupt(name, reasonOf(error))
    }
  })
}

/** A small flat picture as PNG, for documents that need one that works. */
export async function examplePicture ({ width, height }: ImageInput): Promise<Buffer> {
  return await sharp({ create: { width, height, channels: 3, background: '#c2410c' } }).png().toBuffer()
}

async function headerOf (bytes: Uint8Array, name: string): Promise<Metadata> {
  try {
    return await open(bytes, false).metadata()
  } catch (error) {
    const type = await fileTypeFromBuffer(bytes)
    if (type && isReadable(type.mime)) throw new ImageCorrupt(name, reasonOf(error))
    throw new ImageUnsupported(name, type ? `${type.mime}, which is not read here` : 'not an image', IMAGE_FORMATS.join(', '))
  }
}

function open (bytes: Uint8Array, limitInputPixels: number | false): Sharp {
  return sharp(bytes, { autoOrient: true, failOn: 'error', ignoreIcc: true, limitInputPixels })
}

/** Inks to RGB by plain multiplication, as Pillow does: an ink profile would give other pixels than the model learned from. */
function toRgb ({ data, width, height }: Pixels): Pixels {
  const rgb = new Uint8Array(width * height * 3)
  for (let pixel = 0; pixel < width * height; pixel++) {
    const light = 255 - data[pixel * 4 + 3]!
    for (let ink = 0; ink < 3; ink++) rgb[pixel * 3 + ink] = Math.round(light * (255 - data[pixel * 4 + ink]!) / 255)
  }
  return { data: rgb, width, height, channels: 3 }
}

function isReadable (mime: string): boolean {
  return IMAGE_FORMATS.some(format => mime === `image/${format.toLowerCase()}`)
}

/** libvips' messages can be long and of several lines; the first says enough. */
function reasonOf (error: unknown): string {
  return String(error instanceof Error ? error.message : error).split('\n', 1).join('').replace(/^Input buffer (has|contains) /, '')
}
