import { toFloat16 } from '../../float16.ts'
import { channelsOf, type ImageInput } from './input.ts'

/** Elements of the input tensor. float16 is stored as its bits. */
export type TensorData = Uint8Array<ArrayBuffer> | Float32Array<ArrayBuffer> | Uint16Array<ArrayBuffer>

/** Number of levels that an 8-bit channel has. */
const LEVEL_COUNT = 256

/** Makes the elements of an input tensor, all 0. */
export function tensorData ({ type }: ImageInput, length: number): TensorData {
  switch (type) {
    case 'uint8': return new Uint8Array(length)
    case 'float32': return new Float32Array(length)
    case 'float16': return new Uint16Array(length)
  }
}

/**
 * For each channel of the input tensor, the element for each of the 256 levels of a pixel.
 *
 * The arithmetic is that of torchvision: each step is rounded to float32, and float16 comes last.
 *
 * @see https://github.com/pytorch/vision/blob/main/torchvision/transforms/functional.py to_tensor and normalize
 */
export function levelsOf (input: ImageInput): TensorData[] {
  const { type, normalisation } = input
  return Array.from({ length: channelsOf(input) }, (_, channel) => {
    const [mean, std] = [normalisation?.mean[channel], normalisation?.std[channel]]
    const levels = tensorData(input, LEVEL_COUNT)
    for (let level = 0; level < LEVEL_COUNT; level++) {
      const value = mean === undefined || std === undefined ? level : normalised(level, mean, std)
      levels[level] = type === 'float16' ? toFloat16(value) : value
    }
    return levels
  })
}

function normalised (level: number, mean: number, std: number): number {
  const { fround } = Math
  return fround(fround(fround(level / 255) - fround(mean)) / fround(std))
}
