import type { Pixels } from '../../pixels/pixels.ts'

/**
 * Lays RGBA pixels on a background and rounds to the nearest level, as Pillow's `Image.alpha_composite` does. libvips
 * cuts off, which makes many pixels one level darker and moves probabilities by up to 0.07.
 *
 * @param pixels whose memory is overwritten
 * @param background as #rrggbb
 * @returns RGB pixels, in the same memory
 */
export function flatten ({ data, width, height }: Pixels, background: string): Pixels {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map(at => Number.parseInt(background.slice(at, at + 2), 16))
  const length = width * height * 3
  for (let at = 0, out = 0; out < length; at += 4, out += 3) {
    const alpha = data[at + 3]!
    data[out] = blend(data[at]!, red, alpha)
    data[out + 1] = blend(data[at + 1]!, green, alpha)
    data[out + 2] = blend(data[at + 2]!, blue, alpha)
  }
  return { data: data.subarray(0, length), width, height, channels: 3 }
}

function blend (level: number, behind: number, alpha: number): number {
  const sum = level * alpha + behind * (255 - alpha) + 128
  // A division by 255 that is exact for these sums.
  return sum + (sum >> 8) >> 8
}
