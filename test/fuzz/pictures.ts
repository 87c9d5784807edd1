import fc from 'fast-check'
import sharp from 'sharp'
import { writeJpeg, type WrittenJpeg } from './jpeg-writer.ts'
import type { Pillow } from './pillow.ts'
import { between, numbers } from './random.ts'

/** What a picture looks like before it is encoded. */
export interface Drawing {
  width: number
  height: number
  content: 'noise' | 'gradient' | 'stripes' | 'flat'
  seed: number
}

/** A JPEG by its recipe: small, printable, and always the same bytes. */
export type Recipe =
  | { by: 'the test', orientation: number } & WrittenJpeg
  | { by: 'sharp', quality: number, chromaSubsampling: '4:4:4' | '4:2:0', isProgressive: boolean, hasOptimisedCodes: boolean, isMozjpeg: boolean, colours: Colours, orientation: number } & Drawing
  | { by: 'Pillow', quality: number, subsampling: Subsampling, isProgressive: boolean, hasOptimisedCodes: boolean, restartBlocks: number, restartRows: number, comment: string, colours: Colours, orientation: number } & Drawing

type Colours = 'rgb' | 'grey' | 'cmyk'
type Subsampling = '4:4:4' | '4:2:2' | '4:2:0'

/** Longest side of a picture. */
const MAX_SIDE = 5000

/** Most pixels of a picture, so that one case takes no longer than a second. */
const MAX_PIXELS = 400_000

/** Sizes: mostly small, where all edges are near; some are long and thin. */
export function sizes (maxPixels = MAX_PIXELS): fc.Arbitrary<{ width: number, height: number }> {
  const side = (max: number) => fc.integer({ min: 1, max })
  return fc.oneof(
    { weight: 6, arbitrary: fc.record({ width: side(40), height: side(40) }) },
    { weight: 2, arbitrary: fc.record({ width: side(300), height: side(300) }) },
    { weight: 1, arbitrary: fc.record({ width: side(MAX_SIDE), height: side(3) }) },
    { weight: 1, arbitrary: fc.record({ width: side(3), height: side(MAX_SIDE) }) },
    { weight: 1, arbitrary: fc.record({ width: side(MAX_SIDE), height: side(MAX_SIDE) }) }
  ).map(({ width, height }) => ({ width: Math.min(width, maxPixels), height: Math.max(1, Math.min(height, Math.floor(maxPixels / width))) }))
}

const drawing = {
  content: fc.constantFrom('noise' as const, 'gradient' as const, 'stripes' as const, 'flat' as const),
  seed: fc.nat(2 ** 31 - 1)
}

const SAMPLINGS: ReadonlyArray<WrittenJpeg['samplings']> = [
  [[1, 1], [1, 1], [1, 1]], [[2, 1], [1, 1], [1, 1]], [[2, 2], [1, 1], [1, 1]], [[1, 1]]
]

/** Samplings that `JpegScan` leaves to libvips: 4:4:0, 4:1:1, 4:1:0, unusual factors of chroma, and four components. */
const OTHER_SAMPLINGS: ReadonlyArray<WrittenJpeg['samplings']> = [
  [[1, 2], [1, 1], [1, 1]], [[4, 1], [1, 1], [1, 1]], [[4, 2], [1, 1], [1, 1]], [[2, 2], [2, 1], [2, 1]], [[2, 2], [1, 2], [1, 1]], [[1, 1], [1, 1], [1, 1], [1, 1]]
]

/** Files that the test itself writes. */
export function writtenRecipes (maxPixels?: number): fc.Arbitrary<Recipe> {
  return fc.tuple(sizes(maxPixels), fc.record({
    samplings: fc.oneof({ weight: 5, arbitrary: fc.constantFrom(...SAMPLINGS) }, { weight: 1, arbitrary: fc.constantFrom(...OTHER_SAMPLINGS) }),
    restartInterval: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 9 }), fc.integer({ min: 10, max: 65_535 })),
    codes: fc.constantFrom('equal' as const, 'skewed' as const),
    coefficients: fc.oneof(fc.constantFrom(0, 1, 64), fc.integer({ min: 0, max: 64 })),
    coefficientBits: fc.integer({ min: 0, max: 11 }),
    quantisation: fc.oneof(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 255 }), fc.integer({ min: 256, max: 65_535 })),
    precision: fc.oneof({ weight: 19, arbitrary: fc.constant(8) }, { weight: 1, arbitrary: fc.constant(12) }),
    fillBytes: fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.integer({ min: 1, max: 4 }) }),
    extra: fc.option(fc.record({
      marker: fc.constantFrom(0xfe, 0xe0, 0xe1, 0xe2, 0xed, 0xee, 0xef), length: fc.oneof(fc.nat(40), fc.nat(65_533))
    })),
    orientation: fc.integer({ min: 1, max: 8 }),
    seed: fc.nat(2 ** 31 - 1)
  })).map(([size, rest]) => ({ by: 'the test', ...size, ...rest }))
}

/** Files that sharp writes. */
export function sharpRecipes (maxPixels?: number): fc.Arbitrary<Recipe> {
  return fc.tuple(sizes(maxPixels), fc.record({
    ...drawing,
    quality: fc.integer({ min: 1, max: 100 }),
    chromaSubsampling: fc.constantFrom('4:4:4' as const, '4:2:0' as const),
    isProgressive: fc.oneof({ weight: 4, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) }),
    hasOptimisedCodes: fc.boolean(),
    isMozjpeg: fc.oneof({ weight: 4, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) }),
    colours: fc.oneof({ weight: 6, arbitrary: fc.constant('rgb' as const) }, { weight: 2, arbitrary: fc.constant('grey' as const) }, { weight: 1, arbitrary: fc.constant('cmyk' as const) }),
    orientation: fc.integer({ min: 1, max: 8 })
  })).map(([size, rest]) => ({ by: 'sharp', ...size, ...rest }))
}

/** Files that Pillow writes. */
export function pillowRecipes (maxPixels?: number): fc.Arbitrary<Recipe> {
  return fc.tuple(sizes(maxPixels), fc.record({
    ...drawing,
    quality: fc.integer({ min: 1, max: 100 }),
    subsampling: fc.constantFrom('4:4:4' as const, '4:2:2' as const, '4:2:0' as const),
    isProgressive: fc.oneof({ weight: 4, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) }),
    hasOptimisedCodes: fc.boolean(),
    restartBlocks: fc.oneof(fc.constant(0), fc.nat(40)),
    restartRows: fc.oneof(fc.constant(0), fc.nat(5)),
    comment: fc.string({ maxLength: 200 }),
    colours: fc.oneof({ weight: 6, arbitrary: fc.constant('rgb' as const) }, { weight: 2, arbitrary: fc.constant('grey' as const) }, { weight: 1, arbitrary: fc.constant('cmyk' as const) }),
    orientation: fc.integer({ min: 1, max: 8 })
  })).map(([size, rest]) => ({ by: 'Pillow', ...size, ...rest }))
}

/** Makes the file of a recipe. */
export async function fileOf (recipe: Recipe, pillow: Pillow | null): Promise<Buffer> {
  const { width, height, orientation, seed } = recipe
  if (recipe.by === 'the test') return withOrientation(writeJpeg(recipe), orientation, seed % 2 === 0)
  const { quality, colours } = recipe
  const raw = draw(recipe)
  if (recipe.by === 'Pillow') {
    if (!pillow) throw new Error('this recipe needs Pillow')
    return await pillow.encode(raw, { ...recipe, sampling: recipe.subsampling })
  }
  const { isProgressive, hasOptimisedCodes, isMozjpeg, chromaSubsampling } = recipe
  const image = sharp(raw, { raw: { width, height, channels: 3 } }).toColourspace({ rgb: 'srgb', grey: 'b-w', cmyk: 'cmyk' }[colours])
  const file = await image.jpeg({ quality, chromaSubsampling, progressive: isProgressive, optimiseCoding: hasOptimisedCodes, mozjpeg: isMozjpeg }).toBuffer()
  return withOrientation(file, orientation, seed % 2 === 0)
}

/** Puts an EXIF segment in front of the others. sharp writes one only together with a colour profile, which turns grey to RGB. */
function withOrientation (file: Buffer, orientation: number, isLittleEndian: boolean): Buffer {
  const tiff = Buffer.alloc(26)
  const view = new DataView(tiff.buffer, tiff.byteOffset)
  tiff.write(isLittleEndian ? 'II' : 'MM')
  view.setUint16(2, 42, isLittleEndian)
  view.setUint32(4, 8, isLittleEndian)
  // A directory of one entry: tag, type SHORT, count, value.
  for (const [at, value] of [[8, 1], [10, 0x0112], [12, 3], [18, orientation]] as const) view.setUint16(at, value, isLittleEndian)
  view.setUint32(14, 1, isLittleEndian)
  const data = Buffer.concat([Buffer.from('Exif\0\0'), tiff])
  return Buffer.concat([file.subarray(0, 2), Buffer.of(0xff, 0xe1, 0, data.length + 2), data, file.subarray(2)])
}

/** Whether `JpegScan` must decode the file, so that a service never loses its fast way unnoticed; null: it may do either. */
export function isOurs (recipe: Recipe): boolean | null {
  if (recipe.by === 'the test') {
    const { samplings, precision, fillBytes, width, quantisation, coefficientBits } = recipe
    if (precision !== 8 || !SAMPLINGS.includes(samplings)) return false
    // Fill bytes in the header are rare and left to libvips. So is a picture whose chroma libjpeg does not interpolate.
    const mayOverflow = quantisation << coefficientBits > MAX_COEFFICIENT
    return fillBytes > 0 || mayOverflow || (samplings.length > 1 && width < 5) ? null : true
  }
  if (recipe.colours === 'cmyk') return false
  // mozjpeg chooses what is smaller.
  if (recipe.by === 'sharp' && recipe.isMozjpeg) return null
  if (recipe.isProgressive) return false
  if (recipe.colours === 'grey') return true
  return recipe.width < 5 ? null : true
}

/** Larger coefficients, which no picture has, are left to libvips. */
const MAX_COEFFICIENT = 8191

/** Pixels of a drawing. */
export function draw ({ width, height, content, seed }: Drawing, channels = 3): Buffer {
  const random = numbers(seed)
  const data = Buffer.alloc(width * height * channels)
  const slopes = Array.from({ length: channels * 3 }, () => random() * 2 - 1)
  const [period, level] = [between(random, 1, 20), between(random, 0, 255)]
  for (let y = 0, at = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      for (let channel = 0; channel < channels; channel++, at++) {
        if (content === 'noise') data[at] = random() * 256
        else if (content === 'flat') data[at] = level + channel * 40
        else if (content === 'stripes') data[at] = Math.floor((x + y * slopes[channel]!) / period) % 2 === 0 ? level : 255 - channel * level / 2
        else data[at] = Math.abs(128 + 128 * Math.sin((slopes[channel]! * x + slopes[channel + channels]! * y) / 9 + slopes[channel + 2 * channels]!)) & 255
      }
    }
  }
  return data
}
