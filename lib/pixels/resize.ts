import type { Band, JpegScan } from './jpeg.ts'
import { Places, simd } from './simd.ts'

/** Interleaved 8-bit pixels, row by row: `data[(y * width + x) * channels + channel]`. */
export interface Pixels {
  data: Uint8Array
  width: number
  height: number
  channels: number
}

export type Filter = 'bilinear' | 'bicubic' | 'lanczos'

/** A part of a picture, in pixels. */
export interface Window {
  left: number
  top: number
  width: number
  height: number
}

/** Half-width in source pixels at scale 1, and the weight at a distance from the centre. */
const FILTERS: Record<Filter, { support: number, weight: (distance: number) => number }> = {
  bilinear: { support: 1, weight: x => Math.max(0, 1 - Math.abs(x)) },
  bicubic: { support: 2, weight: x => cubic(Math.abs(x)) },
  lanczos: { support: 3, weight: x => Math.abs(x) < 3 ? sinc(x) * sinc(x / 3) : 0 }
}

/** Weights are fixed-point with this many fractional bits, as in Pillow, so that rounding agrees to the last bit. */
const PRECISION_BITS = 22
const HALF = 1 << (PRECISION_BITS - 1)

/** Bytes of source rows that are handed to WebAssembly at a time: what a core's cache holds. */
const BAND = 256 * 1024

/**
 * Resizes as Pillow does: separable, antialiased (the filter widens with the reduction), rounded to 8 bits after each
 * of the two passes. Models are trained on Pillow's pixels, and libvips, which has the same filters but reduces by an
 * integer box first, moved the top label of 3.5 % of 480 photos reduced to 64 pixels.
 *
 * @param width of the whole result, in pixels
 * @param height of the whole result, in pixels
 * @param crop the part of the result that is wanted; the rest is not computed
 * @see https://pillow.readthedocs.io/en/stable/handbook/concepts.html#filters
 */
export function resize (
  source: Pixels | JpegScan, width: number, height: number, filter: Filter, crop: Window = { left: 0, top: 0, width, height }
): Pixels {
  const { isTurned, isMirrored, isFlipped } = orientationOf('data' in source ? 1 : source.orientation)
  // From here on everything is in the order of the file, until the small result is turned as it is shown.
  const columns = mirrored(taps(source.width, width, filter, crop.left, crop.width), isMirrored ? source.width : 0)
  const rows = mirrored(taps(source.height, height, filter, crop.top, crop.height), isFlipped ? source.height : 0)
  const places = new Places()
  const data = isTurned && !('data' in source) ? resizeTurned(source, columns, rows, places) : resizeUpright(source, columns, rows, places)
  return shown({ data, width: crop.width, height: crop.height, channels: source.channels }, isTurned, isMirrored, isFlipped)
}

/** First the columns of the result, and then its rows, as Pillow does. */
function resizeUpright (source: Pixels | JpegScan, columns: Taps, rows: Taps, places: Places): Uint8Array {
  const { channels } = source
  const stride = columns.starts.length * channels
  const part = { left: firstOf(columns), top: firstOf(rows), width: lengthOf(columns), height: lengthOf(rows) }
  const columnsAt = places.of(tapsLength(columns))
  const rowsAt = places.of(tapsLength(rows))
  const narrowAt = places.of((part.height + 1) * stride)
  const resultAt = places.of(rows.starts.length * stride)
  const bands = 'data' in source ? bandsOf(source, part, places) : source.bands(part, places)
  const memory = places.memory()

  if ('data' in source && channels !== 3) {
    memory.set(across(source, part, columns), narrowAt)
  } else {
    const weightsAt = writeTaps(columns, part.left, columnsAt, 1)
    for (const { at, top, rows, stride: length, pixel } of bands()) {
      simd.across(at, rows, length, pixel, columnsAt, weightsAt, pairsOf(columns), columns.starts.length, narrowAt + (top - part.top) * stride)
    }
  }
  const weightsAt = writeTaps(rows, part.top, rowsAt, stride)
  simd.down(narrowAt, rows.starts.length, stride, rowsAt, weightsAt, pairsOf(rows), resultAt)
  return memory.slice(resultAt, resultAt + rows.starts.length * stride)
}

/**
 * The same for a picture that lies on its side: columns of the result are rows of the file, and rounding to 8 bits
 * between the passes wants them first. As many rows as a window sees are held at a time.
 */
function resizeTurned (source: JpegScan, columns: Taps, rows: Taps, places: Places): Uint8Array {
  const part = { left: firstOf(rows), top: firstOf(columns), width: lengthOf(rows), height: lengthOf(columns) }
  const stride = part.width * 4
  const columnsAt = places.of(tapsLength(columns))
  const rowsAt = places.of(tapsLength(rows))
  const room = 2 * columns.count + 32
  const heldAt = places.of((room + 1) * stride)
  const lowAt = places.of(columns.starts.length * stride)
  const resultAt = places.of(columns.starts.length * rows.starts.length * 3)
  const bands = source.bands(part, places)
  const memory = places.memory()

  const columnWeightsAt = writeTaps(columns, 0, columnsAt, 0)
  let column = 0
  let held = { top: part.top, rows: 0 }
  for (const { at, rows: count, stride: length } of bands()) {
    if (held.rows + count > room) {
      const top = columns.starts[column] ?? held.top + held.rows
      memory.copyWithin(heldAt, heldAt + (top - held.top) * stride, heldAt + held.rows * stride)
      held = { top, rows: held.top + held.rows - top }
    }
    for (let y = 0; y < count; y++, held.rows++) {
      memory.copyWithin(heldAt + held.rows * stride, at + y * length, at + y * length + stride)
    }
    for (; column < columns.starts.length && columns.starts[column]! + columns.count <= held.top + held.rows; column++) {
      const windowAt = heldAt + (columns.starts[column]! - held.top) * stride
      simd.down(windowAt, 1, stride, columnsAt, columnWeightsAt + column * pairsOf(columns) * 8, pairsOf(columns), lowAt + column * stride)
    }
  }
  const rowWeightsAt = writeTaps(rows, part.left, rowsAt, 1)
  simd.across(lowAt, columns.starts.length, stride, 4, rowsAt, rowWeightsAt, pairsOf(rows), rows.starts.length, resultAt)
  return memory.slice(resultAt, resultAt + columns.starts.length * rows.starts.length * 3)
}

/** How a picture's file is turned, and then mirrored and flipped, to be shown. */
function orientationOf (orientation: number): { isTurned: boolean, isMirrored: boolean, isFlipped: boolean } {
  return { isTurned: orientation > 4, isMirrored: [2, 3, 6, 7].includes(orientation), isFlipped: [3, 4, 7, 8].includes(orientation) }
}

/** From the order of the file to that in which it is shown. */
function shown (pixels: Pixels, isTurned: boolean, isMirrored: boolean, isFlipped: boolean): Pixels {
  if (!isTurned && !isMirrored && !isFlipped) return pixels
  const { width, height, channels } = pixels
  const data = new Uint8Array(pixels.data.length)
  for (let y = 0, out = 0; y < height; y++) {
    for (let x = 0; x < width; x++, out += channels) {
      const column = isMirrored ? width - 1 - x : x
      const row = isFlipped ? height - 1 - y : y
      const at = (isTurned ? column * height + row : row * width + column) * channels
      for (let channel = 0; channel < channels; channel++) data[out + channel] = pixels.data[at + channel]!
    }
  }
  return { ...pixels, data }
}

/** For each result pixel: where its window starts in the source, and the window's weights, `count` for each. */
interface Taps {
  starts: Int32Array
  weights: Int32Array
  count: number
}

function taps (from: number, to: number, filter: Filter, offset: number, length: number): Taps {
  const { support, weight } = FILTERS[filter]
  const scale = from / to
  const spread = Math.max(scale, 1)
  const count = Math.min(Math.ceil(support * spread) * 2 + 1, from)
  const starts = new Int32Array(length)
  const weights = new Int32Array(length * count)
  const values = new Float64Array(count)
  for (let i = 0; i < length; i++) {
    const centre = (offset + i + 0.5) * scale
    const begin = Math.max(0, Math.trunc(centre - support * spread + 0.5))
    const end = Math.min(from, Math.trunc(centre + support * spread + 0.5))
    let total = 0
    for (let at = begin; at < end; at++) total += values[at - begin] = weight((at - centre + 0.5) / spread)
    // A window at the far edge slides back so that all have the same count; the weights in front of it stay 0.
    const start = Math.min(begin, from - count)
    for (let at = begin; at < end; at++) {
      weights[i * count + at - start] = Math.round(values[at - begin]! / total * 2 ** PRECISION_BITS)
    }
    starts[i] = start
  }
  return { starts, weights, count }
}

/**
 * The windows from the last one on, as they are where a picture of `length` pixels is mirrored; 0 leaves them as they
 * are.
 */
function mirrored ({ starts, weights, count }: Taps, length: number): Taps {
  if (length === 0) return { starts, weights, count }
  return { starts: starts.map(start => length - start - count).reverse(), weights: weights.slice().reverse(), count }
}

function firstOf ({ starts }: Taps): number {
  return starts[0]!
}

/** How many pixels the windows see, from the first of the first to the last of the last. */
function lengthOf ({ starts, count }: Taps): number {
  return starts.at(-1)! + count - starts[0]!
}

/** A few rows at a time, so that the memory of the largest picture is not held for ever. */
function bandsOf ({ data, width, channels }: Pixels, part: Window, places: Places): () => Generator<Band> {
  const stride = width * channels
  const atOnce = Math.min(part.height, Math.max(1, Math.floor(BAND / stride)))
  const at = places.of(channels === 3 ? atOnce * stride : 0)
  return function * () {
    const memory = places.memory()
    for (let top = part.top, end = top + part.height; top < end; top += atOnce) {
      const rows = Math.min(atOnce, end - top)
      memory.set(data.subarray(top * stride, (top + rows) * stride), at)
      yield { at: at + part.left * channels, top, rows, stride, pixel: channels }
    }
  }
}

/** The first pass for other channels than three, which few pictures have. */
function across ({ data, width, channels }: Pixels, { top, height }: Window, { starts, weights, count }: Taps): Uint8Array {
  const result = new Uint8Array(starts.length * height * channels)
  let out = 0
  for (let y = top; y < top + height; y++) {
    for (let x = 0; x < starts.length; x++) {
      const first = (y * width + starts[x]!) * channels
      for (let channel = 0; channel < channels; channel++) {
        let sum = HALF
        for (let tap = x * count, at = first + channel; tap < (x + 1) * count; tap++, at += channels) {
          sum = (sum + Math.imul(data[at]!, weights[tap]!)) | 0
        }
        result[out++] = clip(sum >> PRECISION_BITS)
      }
    }
  }
  return result
}

function pairsOf ({ count }: Taps): number {
  return Math.ceil(count / 2)
}

function tapsLength (taps: Taps): number {
  return taps.starts.length * (4 + pairsOf(taps) * 8)
}

/**
 * Writes windows where simd/resize.ts reads them: their starts, counted from `first` in steps of `step` bytes, and then
 * the weights.
 *
 * @returns the address of the weights
 */
function writeTaps ({ starts, weights, count }: Taps, first: number, at: number, step: number): number {
  const weightsAt = at + starts.length * 4
  new Int32Array(simd.memory.buffer, at, starts.length).set(starts.map(start => (start - first) * step))
  const split = new Int16Array(simd.memory.buffer, weightsAt)
  for (let window = 0, out = 0; window < starts.length; window++) {
    for (let tap = window * count, end = tap + count; tap < end; tap += 2, out += 4) {
      const first = weights[tap]!
      const second = tap + 1 < end ? weights[tap + 1]! : 0
      split[out] = first >> 11
      split[out + 1] = second >> 11
      split[out + 2] = first & 0x7ff
      split[out + 3] = second & 0x7ff
    }
  }
  return weightsAt
}

function clip (value: number): number {
  return value < 0 ? 0 : value > 255 ? 255 : value
}

/** Keys' cubic convolution with a = −0.5. https://doi.org/10.1109/TASSP.1981.1163711 */
function cubic (x: number): number {
  if (x < 1) return (1.5 * x - 2.5) * x * x + 1
  if (x < 2) return ((-0.5 * x + 2.5) * x - 4) * x + 2
  return 0
}

function sinc (x: number): number {
  return x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x)
}
