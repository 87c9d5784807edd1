import type { Pixels, PixelSource, Size } from '../../pixels/pixels.ts'
import { resize } from '../../pixels/resize.ts'
import { geometryOf } from './geometry.ts'
import { channelsOf, type ImageInput } from './input.ts'
import { levelsOf, type TensorData } from './levels.ts'

/**
 * Writes a decoded picture into one row of the input tensor. The card defines the steps: convert to grey, resize, crop or
 * pad, invert, normalise.
 *
 * @param tensor the whole batch, NHWC or NCHW, of the type of the card
 * @param row index of the picture in the batch
 * @param levels the elements for the levels of each channel, if the caller has them already
 */
export function writeImage (pixels: Pixels | PixelSource, input: ImageInput, tensor: TensorData, row: number, levels: TensorData[] = levelsOf(input)): void {
  const { width, height, type, layout, colour } = input
  const channels = channelsOf(input)
  const { data } = fit('data' in pixels ? inColour(pixels, input) : pixels, input)
  const planeSize = width * height
  const start = row * planeSize * channels
  if (type === 'uint8' && layout === 'NHWC' && colour !== 'bgr') {
    tensor.set(data, start)
    return
  }
  const [first, step] = layout === 'NHWC' ? [1, channels] : [planeSize, 1]
  levels.forEach((elements, channel) => {
    const source = colour === 'bgr' ? channels - 1 - channel : channel
    for (let at = source, out = start + channel * first, end = planeSize * channels; at < end; at += channels, out += step) {
      tensor[out] = elements[data[at]!]!
    }
  })
}

function inColour (pixels: Pixels, { colour }: ImageInput): Pixels {
  const rgb = pixels.channels === 4 ? toRgb(pixels) : pixels
  return colour === 'grey' ? toGrey(rgb) : rgb
}

/** Converts CMYK to RGB by multiplication, as Pillow does. A colour profile would give other pixels than in training. */
function toRgb ({ data, width, height }: Pixels): Pixels {
  const rgb = new Uint8Array(width * height * 3)
  for (let pixel = 0; pixel < width * height; pixel++) {
    const light = 255 - data[pixel * 4 + 3]!
    for (let ink = 0; ink < 3; ink++) rgb[pixel * 3 + ink] = Math.round(light * (255 - data[pixel * 4 + ink]!) / 255)
  }
  return { data: rgb, width, height, channels: 3 }
}

/** Converts RGB to grey: ITU-R 601 luma, in the same fixed-point arithmetic as Pillow. */
function toGrey ({ data, width, height, channels }: Pixels): Pixels {
  const grey = new Uint8Array(width * height)
  for (let pixel = 0, at = 0; pixel < grey.length; pixel++, at += channels) {
    grey[pixel] = (data[at]! * 19595 + data[at + 1]! * 38470 + data[at + 2]! * 7471 + 0x8000) >> 16
  }
  return { data: grey, width, height, channels: 1 }
}

function fit (pixels: Pixels | PixelSource, input: ImageInput): Pixels {
  const { width, height, resize: { filter } } = input
  const { resized, left, top, padding } = geometryOf(pixels, input)
  // Only the part of the picture within the frame of the input is computed.
  const part = { left: Math.max(0, left), top: Math.max(0, top) }
  const window = {
    ...part, width: Math.min(resized.width, left + width) - part.left, height: Math.min(resized.height, top + height) - part.top
  }
  const shown = withInversion(resize(pixels, resized.width, resized.height, filter, window), input)
  return window.width === width && window.height === height ? shown : pad(shown, { width, height }, part.left - left, part.top - top, padding)
}

/** Inverts a picture with a light border if the card says `auto`: the model learned light objects on a dark background. */
function withInversion (pixels: Pixels, input: ImageInput): Pixels {
  if (input.invert !== 'auto' || borderMean(pixels) <= 127) return pixels
  return { ...pixels, data: pixels.data.map(value => 255 - value) }
}

function borderMean ({ data, width, height, channels }: Pixels): number {
  let sum = 0
  let count = 0
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      if (x > 0 && x < width - 1 && y > 0 && y < height - 1) continue
      for (let channel = 0; channel < channels; channel++, count++) sum += data[(y * width + x) * channels + channel]!
    }
  }
  return sum / count
}

/** Puts a picture on a canvas of one colour. */
function pad (pixels: Pixels, { width, height }: Size, left: number, top: number, background: string): Pixels {
  const { channels } = pixels
  const colour = [1, 3, 5].map(at => Number.parseInt(background.slice(at, at + 2), 16))
  const data = new Uint8Array(width * height * channels).map((_, at) => colour[at % channels]!)
  for (let y = 0; y < pixels.height; y++) {
    const row = pixels.data.subarray(y * pixels.width * channels, (y + 1) * pixels.width * channels)
    data.set(row, ((top + y) * width + left) * channels)
  }
  return { data, width, height, channels }
}
