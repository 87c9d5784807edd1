import { FILTER_SUPPORT, type Filter } from './pixels.ts'
import { constants } from './simd.ts'

const { WEIGHT_BITS, WEIGHT_LOW_BITS } = constants

const WEIGHT_LOW_MASK = (1 << WEIGHT_LOW_BITS) - 1

/** The weight of a whole pixel, as a fixed-point number. */
const WHOLE = 2 ** WEIGHT_BITS

/** Bytes of an address or a start in the tables of the SIMD functions. */
const START_BYTES = 4

/** Bytes of the weights of two taps: four i16. */
export const PAIR_BYTES = 8

/** Pillow's constants for the filter `hamming`, which are numbers of 32 bits there. */
const [HAMMING_BASE, HAMMING_SWING] = [Math.fround(0.54), Math.fround(0.46)]

/**
 * The weight of a source pixel at a distance from the centre of a window, for each filter with weights.
 *
 * @see https://github.com/python-pillow/Pillow/blob/main/src/libImaging/Resample.c
 */
const WEIGHTS: Record<Exclude<Filter, 'nearest'>, (distance: number) => number> = {
  box: x => x > -0.5 && x <= 0.5 ? 1 : 0,
  bilinear: x => Math.max(0, 1 - Math.abs(x)),
  hamming: x => Math.abs(x) < 1 ? sinc(x) * (HAMMING_BASE + HAMMING_SWING * Math.cos(Math.PI * x)) : 0,
  bicubic: x => cubic(Math.abs(x)),
  lanczos: x => Math.abs(x) < 3 ? sinc(x) * sinc(x / 3) : 0
}

/** How many result pixels an axis has, how many taps each of their windows has, and how many source pixels they see. */
export interface Axis {
  length: number
  tapCount: number
  span: number
}

/** The windows of an axis: for each result pixel the index of its first source pixel, and `tapCount` weights. */
export interface Windows extends Axis {
  /** Index of the first source pixel of the first window. */
  first: number
  starts: Int32Array
  weights: Int32Array
}

/**
 * Computes the windows of an axis, where `from` source pixels become `to` result pixels.
 *
 * @param offset index of the first result pixel that is needed
 * @param length number of result pixels that are needed
 */
export function windowsOf (from: number, to: number, filter: Filter, offset: number, length: number): Windows {
  if (filter === 'nearest') return nearest(from, to, offset, length)
  const [support, weight] = [FILTER_SUPPORT[filter], WEIGHTS[filter]]
  const scale = from / to
  const spread = Math.max(scale, 1)
  // A product with this and not a quotient, as in Pillow: the filter `box` shows the difference at its edges.
  const narrowing = 1 / spread
  const tapCount = Math.min(Math.ceil(support * spread) * 2 + 1, from)
  const starts = new Int32Array(length)
  const weights = new Int32Array(length * tapCount)
  const values = new Float64Array(tapCount)
  for (let i = 0; i < length; i++) {
    const centre = (offset + i + 0.5) * scale
    const begin = Math.max(0, Math.trunc(centre - support * spread + 0.5))
    const end = Math.min(from, Math.trunc(centre + support * spread + 0.5))
    let total = 0
    for (let at = begin; at < end; at++) total += values[at - begin] = weight((at - centre + 0.5) * narrowing)
    // All windows have the same number of taps. At the far edge, a window starts earlier and its first weights are 0.
    const start = Math.min(begin, from - tapCount)
    for (let at = begin; at < end; at++) {
      weights[i * tapCount + at - start] = Math.round(values[at - begin]! / total * WHOLE)
    }
    starts[i] = start
  }
  return withSpan(starts, weights, tapCount)
}

/**
 * Windows of one source pixel each. Pillow adds up the places of the pixels, so that their rounding errors add up too.
 *
 * @see https://github.com/python-pillow/Pillow/blob/main/src/libImaging/Geometry.c ImagingScaleAffine
 */
function nearest (from: number, to: number, offset: number, length: number): Windows {
  const scale = from / to
  const starts = new Int32Array(length)
  let place = scale * 0.5
  for (let i = 0; i < offset; i++) place += scale
  for (let i = 0; i < length; i++, place += scale) starts[i] = Math.min(from - 1, Math.trunc(place))
  return withSpan(starts, new Int32Array(length).fill(WHOLE), 1)
}

/** Mirrors the windows of an axis that has `length` source pixels, or returns them as they are if `length` is 0. */
export function mirrored (windows: Windows, length: number): Windows {
  if (length === 0) return windows
  const { starts, weights, tapCount } = windows
  return withSpan(starts.map(start => length - start - tapCount).reverse(), weights.slice().reverse(), tapCount)
}

function withSpan (starts: Int32Array, weights: Int32Array, tapCount: number): Windows {
  const first = starts[0]!
  return { length: starts.length, tapCount, first, span: starts.at(-1)! + tapCount - first, starts, weights }
}

/** Pairs of taps in a window. The last pair has a second weight of 0 if the number of taps is odd. */
export function pairsOf ({ tapCount }: Axis): number {
  return Math.ceil(tapCount / 2)
}

/** Bytes that `writeWindows` writes for an axis. */
export function windowsBytes (axis: Axis): number {
  return axis.length * (START_BYTES + pairsOf(axis) * PAIR_BYTES)
}

/**
 * Writes windows in the layout of simd/resize.ts: first their starts and then their weights.
 *
 * @param first source pixel from which the starts are counted
 * @param step what a source pixel adds to a start
 * @param address of `windowsBytes` bytes
 * @returns the address of the weights
 */
export function writeWindows ({ length, starts, weights, tapCount }: Windows, first: number, step: number, memory: Uint8Array, address: number): number {
  const weightsAddress = address + length * START_BYTES
  new Int32Array(memory.buffer, address, length).set(starts.map(start => (start - first) * step))
  const halves = new Int16Array(memory.buffer, weightsAddress)
  for (let window = 0, out = 0; window < length; window++) {
    for (let tap = window * tapCount, end = tap + tapCount; tap < end; tap += 2, out += 4) {
      const first = weights[tap]!
      const second = tap + 1 < end ? weights[tap + 1]! : 0
      halves[out] = first >> WEIGHT_LOW_BITS
      halves[out + 1] = second >> WEIGHT_LOW_BITS
      halves[out + 2] = first & WEIGHT_LOW_MASK
      halves[out + 3] = second & WEIGHT_LOW_MASK
    }
  }
  return weightsAddress
}

/**
 * Keys' cubic convolution with a = −0.5.
 *
 * @see https://doi.org/10.1109/TASSP.1981.1163711
 */
function cubic (x: number): number {
  if (x < 1) return (1.5 * x - 2.5) * x * x + 1
  if (x < 2) return ((-0.5 * x + 2.5) * x - 4) * x + 2
  return 0
}

function sinc (x: number): number {
  return x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x)
}
