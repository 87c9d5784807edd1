import fc from 'fast-check'
import type { Filter, Pixels } from '../../lib/pixels/pixels.ts'
import { resize } from '../../lib/pixels/resize.ts'
import { Arena, simd } from '../../lib/pixels/simd.ts'
import { cropped, decodeLibvips, withinMemory } from './decoders.ts'
import { windowAt } from './jpeg.ts'
import { same, sameBytes, type Kind } from './kind.ts'
import { draw, fileOf, isOurs, sharpRecipes, sizes, writtenRecipes, type Drawing, type Recipe } from './pictures.ts'
import type { Pillow } from './pillow.ts'

/** Most pixels of a source and of a result. */
const MAX_SOURCE_PIXELS = 40_000
const MAX_RESULT_PIXELS = 20_000

interface Place { left: number, top: number, width: number, height: number }
interface Resize { drawing: Drawing, channels: number, to: { width: number, height: number }, filter: Filter, place: Place }
interface JpegResize { recipe: Recipe, to: { width: number, height: number }, filter: Filter, place: Place }

const filter = fc.constantFrom<Filter>('nearest', 'box', 'bilinear', 'hamming', 'bicubic', 'lanczos')
const fraction = fc.nat(99).map(value => value / 100)
const place = fc.record({ left: fraction, top: fraction, width: fraction, height: fraction })

/**
 * Resizes of pixels equal a plain reference and, where it is there, Pillow. A crop is the same part of the whole.
 *
 * @param resizeOwn the function under test
 */
export function resizes (cases: number, pillow: Pillow | null = null, resizeOwn: typeof resize = resize): Kind<Resize> {
  return {
    name: pillow ? 'resizes against Pillow' : 'resizes against a plain reference',
    cases,
    arbitrary: fc.record({
      drawing: fc.tuple(sizes(MAX_SOURCE_PIXELS), fc.constantFrom('noise' as const, 'gradient' as const, 'stripes' as const), fc.nat(2 ** 31 - 1))
        .map(([size, content, seed]) => ({ ...size, content, seed })),
      channels: fc.constantFrom(1, 3),
      to: sizes(MAX_RESULT_PIXELS),
      filter,
      place
    }),
    check: async ({ drawing, channels, to: { width, height }, filter, place }, data) => {
      const source = { data, width: drawing.width, height: drawing.height, channels }
      fillMemory(0xff)
      const own = resizeOwn(source, width, height, filter)
      same(`${own.width} × ${own.height} × ${own.channels}`, `${width} × ${height} × ${channels}`, 'size')
      sameBytes(own.data, pillow ? await pillow.resize(source, width, height, filter) : resizedPlainly(source, width, height, filter).data, 'pixels')
      const window = windowAt({ width, height }, place)
      fillMemory(0x55)
      sameBytes(resizeOwn(source, width, height, filter, window).data, cropped(own, window).data, `the crop ${JSON.stringify(window)}`)
      return `${isHeightFirst(source, width, height) ? 'height' : 'width'} first, ${filter}`
    },
    bytesOf: async ({ drawing, channels }) => draw(drawing, channels)
  }
}

/**
 * JPEGs of each orientation give the same result when they are resized row by row as when libvips decodes them first, and
 * take no more memory than the service sets aside.
 *
 * @param resizeOwn the function under test
 */
export function jpegResizes (cases: number, resizeOwn: typeof resize = resize): Kind<JpegResize> {
  return {
    name: 'resizes of JPEGs, row by row',
    cases,
    arbitrary: fc.record({ recipe: fc.oneof(sharpRecipes(MAX_SOURCE_PIXELS), writtenRecipes(MAX_SOURCE_PIXELS)), to: sizes(MAX_RESULT_PIXELS), filter, place }),
    check: async ({ recipe, to: { width, height }, filter, place }, bytes) => {
      if (isOurs(recipe) !== true) return 'skipped: libvips decodes it'
      const crop = windowAt({ width, height }, place)
      fillMemory(0xff)
      const own = withinMemory(bytes, crop, filter, source => resizeOwn(source, width, height, filter, crop))
      const libvips = await decodeLibvips(bytes)
      if ('refusal' in libvips) return 'libvips refuses it'
      sameBytes(own.data, cropped(resizedPlainly(libvips.pixels, width, height, filter), crop).data, 'pixels')
      return 'as libvips and the plain reference'
    },
    bytesOf: async ({ recipe }) => await fileOf(recipe, null)
  }
}

/** Fills the WebAssembly memory. What an earlier picture left there must not show in the next. */
function fillMemory (value: number): void {
  new Arena().memory().fill(value, simd.freeAddress())
}

/**
 * Pillow's resize, as its source says it, without any regard to speed: two passes, each with weights of 22 fractional
 * bits and rounded to 8 bits. Pillow 13 resizes first the side that saves the most work. `nearest` copies single pixels.
 *
 * @see https://github.com/python-pillow/Pillow/blob/main/src/libImaging/Resample.c
 * @see https://github.com/python-pillow/Pillow/blob/main/src/libImaging/Geometry.c ImagingScaleAffine
 */
export function resizedPlainly (source: Pixels, width: number, height: number, filter: Filter): Pixels {
  if (filter === 'nearest') return copied(source, placesOf(source.width, width), placesOf(source.height, height))
  if (isHeightFirst(source, width, height)) return pass(transposed(pass(transposed(source), height, filter)), width, filter)
  return transposed(pass(transposed(pass(source, width, filter)), height, filter))
}

function isHeightFirst (source: { width: number, height: number }, width: number, height: number): boolean {
  const savedRows = source.height - height
  return savedRows > 0 && savedRows > 2 * (source.width - width)
}

/** Resizes the width. */
function pass (source: Pixels, width: number, filter: Weighted): Pixels {
  const { channels, height } = source
  // Pillow leaves out a pass that changes nothing.
  if (width === source.width) return source
  const scale = source.width / width
  const { support, weight } = KERNELS[filter]
  const reach = support * Math.max(scale, 1)
  const data = new Uint8Array(width * height * channels)
  for (let x = 0; x < width; x++) {
    const centre = (x + 0.5) * scale
    const first = Math.max(0, Math.trunc(centre - reach + 0.5))
    const last = Math.min(source.width, Math.trunc(centre + reach + 0.5))
    const weights = Array.from({ length: last - first }, (_, at) => weight((first + at - centre + 0.5) * (1 / Math.max(scale, 1))))
    const total = weights.reduce((sum, value) => sum + value, 0)
    const integers = weights.map(value => roundAwayFromZero(value / total * 2 ** 22))
    for (let y = 0; y < height; y++) {
      for (let channel = 0; channel < channels; channel++) {
        const sum = integers.reduce((sum, value, at) => sum + value * source.data[(y * source.width + first + at) * channels + channel]!, 2 ** 21)
        data[(y * width + x) * channels + channel] = Math.max(0, Math.min(255, Math.floor(sum / 2 ** 22)))
      }
    }
  }
  return { data, width, height, channels }
}

/** The source pixel of each result pixel of an axis. The places are sums, as in Pillow. */
function placesOf (from: number, to: number): number[] {
  const places: number[] = []
  for (let place = from / to * 0.5; places.length < to; place += from / to) places.push(Math.floor(place))
  return places
}

function copied ({ data, width, channels }: Pixels, columns: number[], rows: number[]): Pixels {
  const result = rows.flatMap(y => columns.flatMap(x => [...data.subarray((y * width + x) * channels, (y * width + x + 1) * channels)]))
  return { data: Uint8Array.from(result), width: columns.length, height: rows.length, channels }
}

function transposed ({ data, width, height, channels }: Pixels): Pixels {
  const result = new Uint8Array(data.length)
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      for (let channel = 0; channel < channels; channel++) result[(x * height + y) * channels + channel] = data[(y * width + x) * channels + channel]!
    }
  }
  return { data: result, width: height, height: width, channels }
}

const sinc = (x: number) => x === 0 ? 1 : Math.sin(x * Math.PI) / (x * Math.PI)

/** A filter that weighs several source pixels. */
type Weighted = Exclude<Filter, 'nearest'>

/** Half-width of each filter in source pixels, and its weight at a distance. */
const KERNELS: Record<Weighted, { support: number, weight: (x: number) => number }> = {
  bilinear: { support: 1, weight: x => Math.abs(x) < 1 ? 1 - Math.abs(x) : 0 },
  box: { support: 0.5, weight: x => x > -0.5 && x <= 0.5 ? 1 : 0 },
  // The constants are floats in Pillow: 0.54f and 0.46f.
  hamming: { support: 1, weight: x => Math.abs(x) < 1 ? sinc(x) * (Math.fround(0.54) + Math.fround(0.46) * Math.cos(x * Math.PI)) : 0 },
  bicubic: {
    support: 2,
    weight: x => {
      const [a, d] = [-0.5, Math.abs(x)]
      if (d < 1) return ((a + 2) * d - (a + 3)) * d * d + 1
      return d < 2 ? (((d - 5) * d + 8) * d - 4) * a : 0
    }
  },
  lanczos: { support: 3, weight: x => Math.abs(x) < 3 ? sinc(x) * sinc(x / 3) : 0 }
}

function roundAwayFromZero (value: number): number {
  return value < 0 ? Math.trunc(value - 0.5) : Math.trunc(value + 0.5)
}
