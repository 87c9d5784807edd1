import type { Size } from '../../pixels/pixels.ts'
import { roundHalfEven } from '../../round.ts'
import type { ImageInput } from './input.ts'

/** How a picture is laid under the frame of the model's input. */
export interface Geometry {
  /** Size of the whole picture after the resize, in pixels. */
  resized: Size
  /** Column of the resized picture at the left edge of the frame. If it is negative, there is padding on the left. */
  left: number
  /** Row of the resized picture at the top edge of the frame. If it is negative, there is padding at the top. */
  top: number
  /** Colour of the padding, as #rrggbb. */
  padding: string
}

/** Colour of the padding in libraries that pad with zeros. */
const BLACK = '#000000'

/**
 * Computes how a picture is resized, cropped and padded to the size of the model's input.
 *
 * @param size of the picture as people see it
 * @see https://github.com/pytorch/vision/blob/main/torchvision/transforms/functional.py resize and center_crop
 * @see https://github.com/huggingface/transformers/blob/v4.57.6/src/transformers/image_transforms.py get_resize_output_image_size and center_crop
 */
export function geometryOf (size: Size, input: ImageInput): Geometry {
  const { width, height, background, invert, resize: { fit, rounding } } = input
  const resized = fit === 'stretch' ? stretched(input) : fit === 'contain' ? contained(size, input) : covering(size, input)
  return {
    resized,
    left: offsetOf(resized.width, width, rounding),
    top: offsetOf(resized.height, height, rounding),
    padding: fit === 'contain' && invert !== 'auto' ? background : BLACK
  }
}

function stretched ({ width, height, resize: { shorterSide } }: ImageInput): Size {
  return { width: shorterSide ?? width, height: shorterSide ?? height }
}

function contained (size: Size, { width, height, resize: { longerSide } }: ImageInput): Size {
  if (longerSide !== undefined) {
    // The order of the operations is timm's, because another one rounds some sides differently.
    const ratio = Math.max(size.width / longerSide, size.height / longerSide)
    return { width: sideOf(size.width / ratio, longerSide), height: sideOf(size.height / ratio, longerSide) }
  }
  const scale = Math.min(width / size.width, height / size.height)
  return { width: sideOf(size.width * scale, width), height: sideOf(size.height * scale, height) }
}

/** Rounds the length of a side to 1 … `limit` pixels. */
function sideOf (length: number, limit: number): number {
  return Math.min(limit, Math.max(1, roundHalfEven(length)))
}

function covering (size: Size, { width, height, resize: { shorterSide, rounding } }: ImageInput): Size {
  if (rounding === undefined) {
    const scale = shorterSide === undefined ? Math.max(width / size.width, height / size.height) : shorterSide / Math.min(size.width, size.height)
    return { width: Math.max(width, roundHalfEven(size.width * scale)), height: Math.max(height, roundHalfEven(size.height * scale)) }
  }
  const isWidthGiven = shorterSide === undefined ? width * size.height >= height * size.width : size.width <= size.height
  // int(shorter * long / short) in Python. The multiplication comes first and is exact.
  return isWidthGiven
    ? { width: shorterSide ?? width, height: Math.trunc((shorterSide ?? width) * size.height / size.width) }
    : { width: Math.trunc((shorterSide ?? height) * size.width / size.height), height: shorterSide ?? height }
}

/**
 * Where the frame starts on one axis of the resized picture, so that both have the same centre. Where no middle pixel
 * exists, the libraries differ.
 *
 * @param side length of the resized picture
 * @param frame length of the model's input
 */
function offsetOf (side: number, frame: number, rounding: ImageInput['resize']['rounding']): number {
  const middle = (side - frame) / 2
  if (rounding === 'transformers') return Math.floor(middle)
  if (middle < 0) return Math.ceil(middle)
  return rounding === 'torchvision' ? roundHalfEven(middle) : Math.floor(middle)
}
