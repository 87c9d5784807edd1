import { decodingBytes } from '../../pixels/memory.ts'
import type { Size } from '../../pixels/pixels.ts'
import type { Row } from '../modality.ts'
import type { ImageInput } from './input.ts'

/** The payload of a picture: the encoded file, and the properties from its header. */
export interface Picture {
  bytes: Uint8Array
  /** Width in pixels. If the orientation turns the picture by 90°, width and height may be swapped. */
  width: number
  /** Height in pixels. */
  height: number
  /** EXIF orientation, 1 to 8, for libvips. Absent for `jpeg`, because that decoder reads it from the file. */
  orientation?: number
  /** `jpeg`: the project's own decoder, which decodes a few rows at a time. `libvips` decodes the whole picture. */
  decoder: 'jpeg' | 'libvips'
  /** Whether the colour space is CMYK. */
  isCmyk: boolean
  /** Memory that libvips takes to decode the picture. Not known for `jpeg`, whose header libvips has not read. */
  libvipsBytes?: number
}

/** From this number of pixels on, a picture counts as slow: decoding takes about 20 milliseconds. */
const SLOW_PIXELS = 4_000_000

/** Makes a row from a picture. The row moves the bytes of the picture to the worker; no other code may use them. */
export function rowOf (picture: Picture, input: ImageInput): Row {
  const { bytes: { buffer, byteLength }, libvipsBytes = 0 } = picture
  const pixels = picture.width * picture.height
  return {
    content: { payload: picture },
    // The file itself takes memory too, also when its request is over.
    weightBytes: byteLength + (picture.decoder === 'jpeg' ? decodingBytes(picture, smallest(input), input.resize.filter) : libvipsBytes),
    isSlow: pixels >= SLOW_PIXELS,
    batchKey: '',
    // Bytes that are part of a larger buffer are copied, because other code may use the rest of the buffer.
    transfer: buffer instanceof ArrayBuffer && buffer.byteLength === byteLength ? [buffer] : []
  }
}

/** The size of an input whose memory is an upper bound for all crops of this one: a smaller resize takes more memory. */
function smallest ({ width, height, resize: { shorterSide, longerSide } }: ImageInput): Size {
  return { width: Math.max(width, height), height: Math.min(width, height, shorterSide ?? width, longerSide ?? width) }
}

/** The payload of a row as a picture. @throws Error when it is something else */
export function pictureOf (payload: unknown): Picture {
  if (!isPicture(payload)) throw new Error('the payload is not a picture')
  return payload
}

function isPicture (payload: unknown): payload is Picture {
  return payload instanceof Object && 'bytes' in payload && payload.bytes instanceof Uint8Array && 'decoder' in payload
}
