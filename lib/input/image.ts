import { fileTypeFromBuffer } from 'file-type'
import pLimit from 'p-limit'
import sharp, { type Metadata, type Sharp } from 'sharp'
import { cpuCount } from '../cpus.ts'
import { ImageCorrupt, ImageTooLarge, ImageTooLong, ImageUnsupported, InputEmpty } from '../errors.ts'
import type { ImageInput } from '../model/card.ts'
import { Budget } from './budget.ts'
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

/** libuv's threads, on which libvips decodes. */
const THREAD_POOL = Number(process.env['UV_THREADPOOL_SIZE']) || 4

/** No more decodes at once than there are cores, or threads to do them on; the rest wait as compressed bytes. */
const slots = Math.min(cpuCount(), THREAD_POOL)
const decodes = pLimit(slots)

/** Large pictures never take every slot, so that a small one does not wait behind them for longer than its own kind. */
const largeDecodes = pLimit(Math.max(1, slots - 1))

/** Pixels from which a picture is large: about 20 milliseconds of decoding. */
const LARGE = 4_000_000

/** Longest side of a picture, in pixels: strips of a pixel's width cost far more to decode than their size tells. */
const SIDE_LIMIT = 16_384

/** Seconds that libvips may spend on one picture. */
const DECODE_TIMEOUT = 10

/** Bytes of decoded pictures that are held at once, at most; a larger one is held alone. */
const decodedBytes = new Budget(256 * 1024 * 1024)

/**
 * Reads a picture's bytes: format sniffed from the bytes, first frame, EXIF orientation applied, transparency laid on
 * the card's background, colours as stored (profiles ignored, as Pillow does), 8 bits in three channels, or four for
 * inks. Waits for its turn where many are decoded. Nothing is reduced while decoding: even libvips' reduction to 12
 * times the model's size, exact from there on, changed the label of one in 40 large photos.
 *
 * @param name of the input in error messages, such as `file 'cat.jpg'`
 * @param pixelLimit width × height, checked on the header before anything is decoded
 * @param use what to do with the pixels; their memory counts until it is done
 * @throws InputEmpty, ImageUnsupported, ImageTooLarge, ImageCorrupt
 */
export async function decodeImage<Result> (
  bytes: Uint8Array, name: string, input: ImageInput, pixelLimit: number, use: (pixels: Pixels) => Promise<Result>
): Promise<Result> {
  if (bytes.length === 0) throw new InputEmpty(name)
  const { space, autoOrient: size } = await headerOf(bytes, name)
  if (size.width * size.height > pixelLimit) throw new ImageTooLarge(name, `${size.width} × ${size.height}`, pixelLimit)
  if (Math.max(size.width, size.height) > SIDE_LIMIT) throw new ImageTooLong(name, Math.max(size.width, size.height), SIDE_LIMIT)

  async function decode (): Promise<Pixels> {
    const image = open(bytes, pixelLimit).timeout({ seconds: DECODE_TIMEOUT })
    if (space === 'cmyk') image.pipelineColourspace('cmyk').toColourspace('cmyk')
    else image.flatten({ background: input.background }).toColourspace('srgb')
    try {
      const { data, info } = await image.raw().toUint8Array()
      return { data, width: info.width, height: info.height, channels: info.channels }
    } catch (error) {
      throw new ImageCorrupt(name, reasonOf(error))
    }
  }

  return await decodedBytes.spend(size.width * size.height * 4, async () => {
    const turn = () => decodes(decode)
    return await use(await (size.width * size.height < LARGE ? turn() : largeDecodes(turn)))
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

function isReadable (mime: string): boolean {
  return IMAGE_FORMATS.some(format => mime === `image/${format.toLowerCase()}`)
}

/** libvips' messages can be long and of several lines; the first says enough. */
function reasonOf (error: unknown): string {
  return String(error instanceof Error ? error.message : error).split('\n', 1).join('').replace(/^Input buffer (has|contains) /, '')
}
