import { ImageCorrupt, ImageTooHeavy, ImageTooLarge, ImageTooLong, InputEmpty, TensorUnusable } from '../../errors.ts'
import { readJpegFrame } from '../../pixels/jpeg-header.ts'
import type { Item } from '../kinds.ts'
import type { Limits, Modality, Row } from '../modality.ts'
import { examplePhoto, findExamples } from './examples.ts'
import { explainPicture, VARIATIONS } from './explain.ts'
import { channelsOf, rowShapeOf, type ImageInput, type PictureItem } from './input.ts'
import { IMAGE_EXTENSIONS, IMAGE_FORMATS } from './formats.ts'
import { rowOf, type Picture } from './picture.ts'

/** Default for the largest number of admitted pictures. */
const QUEUE_LIMIT = 256

/** Longest allowed side of a picture. A long and thin picture takes more time to decode than its pixel count suggests. */
const SIDE_LIMIT_PIXELS = 16_384

/** How many characters of a message of ONNX Runtime go into an error. */
const REASON_LIMIT = 300

/** What to call the colours of a picture. */
const COLOURS = { rgb: 'RGB', bgr: 'BGR', grey: 'grey' }

/** The row of a picture whose tensor the client has made: nothing is left to decode. */
const NO_PICTURE: Omit<Row, 'content'> = { weightBytes: 0, isSlow: false, batchKey: '', transfer: [] }

/** The image modality, on the event loop. It reads only the headers of pictures; the workers decode the pixels. */
export function imageModality (input: ImageInput): Modality {
  return {
    tensors: [{ name: input.tensor, dtype: input.type, shape: [null, ...rowShapeOf(input)] }],
    summary: `a picture, made ${input.width} × ${input.height} ${COLOURS[input.colour]}, into '${input.tensor}'`,
    hasRows: true,
    size: `${input.height}x${input.width}x${channelsOf(input)}`,
    formats: IMAGE_FORMATS,
    extensions: IMAGE_EXTENSIONS,
    queueLimit: QUEUE_LIMIT,
    isQuick: false,
    isEven: true,
    // A client of another protocol may have made the tensor of its picture itself.
    prepare: (item, limits) => 'feeds' in item ? { ...NO_PICTURE, content: item } : prepare(pictureIn(item), input, limits),
    nameOf: (item, at, count) => 'feeds' in item ? count > 1 ? `instance ${at + 1}` : 'the tensor' : pictureIn(item).name,
    damaged: (item, reason) => new ImageCorrupt(pictureIn(item).name, reason),
    tooHeavy: (item, weightBytes, limitBytes) => new ImageTooHeavy(pictureIn(item).name, weightBytes, limitBytes),
    refused: (item, reason) => 'feeds' in item ? new TensorUnusable(`the model cannot run on the tensor: ${reason.slice(0, REASON_LIMIT)}`) : null,
    // An encoded file, so that calibration also measures the decoding.
    example: async () => ({ name: 'the example', bytes: await examplePhoto() }),
    fromFile: async (bytes, path) => [{ item: { name: `file '${path}'`, bytes }, name: path }],
    examples: findExamples,
    variations: VARIATIONS,
    explain: async (row, kept, probability, again) => {
      if ('feeds' in row.content) throw new TensorUnusable('only a picture can be explained, and this is its tensor; send the file of the picture.')
      return await explainPicture(row, kept, probability, again, input)
    }
  }
}

async function prepare (item: PictureItem, input: ImageInput, limits: Limits): Promise<Row> {
  const row = rowOf(await readPicture(item, input, limits), input)
  return item.isMovable ? row : { ...row, transfer: [] }
}

/**
 * Reads the header of a picture and checks the limits. Detects the format from the bytes.
 *
 * @throws InputEmpty, ImageUnsupported, ImageTooLarge, ImageTooLong, ImageCorrupt
 */
export async function readPicture ({ bytes, name }: PictureItem, { colour }: ImageInput, { pixels: limit }: Limits): Promise<Picture> {
  if (bytes.length === 0) throw new InputEmpty(name)
  // The own parser comes first, because libvips takes 0.1 milliseconds for the header of a JPEG.
  const frame = colour === 'grey' ? null : readJpegFrame(bytes)
  const picture: Picture = frame
    ? { bytes, ...frame, decoder: 'jpeg', isCmyk: false }
    : { bytes, ...await (await import('./libvips.ts')).sniff(bytes, name), decoder: 'libvips' }
  const { width, height } = picture
  if (width * height > limit) throw new ImageTooLarge(name, `${width} × ${height}`, limit)
  if (Math.max(width, height) > SIDE_LIMIT_PIXELS) throw new ImageTooLong(name, Math.max(width, height), SIDE_LIMIT_PIXELS)
  return picture
}

function pictureIn (item: Item): PictureItem {
  if (!('bytes' in item)) throw new Error('the model takes pictures, but the input is none')
  return item
}
