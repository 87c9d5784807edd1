import { decodingBytes } from '../../pixels/memory.ts'
import type { Row } from '../modality.ts'
import type { ImageInput } from './input.ts'

/** A picture on its way to a worker: a file's bytes and what its header says. No pixel is decoded yet. */
export interface Picture {
  bytes: Uint8Array
  /** Size in pixels; of a picture that lies on its side, the sides may be exchanged. */
  width: number
  height: number
  /** How it is decoded: a few rows at a time by the project's own JPEG decoder, or as a whole by libvips. */
  decoder: 'jpeg' | 'libvips'
  /** Whether its colours are inks, as print shops have them. */
  isCmyk: boolean
}

/** Pixels from which a picture is slow: about 20 milliseconds of decoding. */
const SLOW_PIXELS = 4_000_000

/** Bytes of a pixel while libvips decodes it. */
const DECODED_PIXEL_BYTES = 4

/** The row of a picture whose bytes nobody else needs. */
export function rowOf (picture: Picture, input: ImageInput): Row {
  const { bytes: { buffer, byteLength } } = picture
  const pixels = picture.width * picture.height
  return {
    content: { payload: picture },
    weightBytes: picture.decoder === 'jpeg' ? decodingBytes(picture, input, input.resize.filter) : decodedBytes(picture),
    isSlow: pixels >= SLOW_PIXELS,
    batchKey: '',
    // A part of a larger buffer is copied: the rest of it may be another's.
    transfer: buffer instanceof ArrayBuffer && buffer.byteLength === byteLength ? [buffer] : []
  }
}

/** Bytes that libvips takes to decode a picture. */
export function decodedBytes ({ width, height }: Picture): number {
  return width * height * DECODED_PIXEL_BYTES
}

/** @throws Error when the payload of a row is no picture */
export function pictureOf (payload: unknown): Picture {
  if (!isPicture(payload)) throw new Error('a model of pictures was given something else')
  return payload
}

function isPicture (payload: unknown): payload is Picture {
  return payload instanceof Object && 'bytes' in payload && payload.bytes instanceof Uint8Array && 'decoder' in payload
}
