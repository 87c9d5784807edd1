import fc from 'fast-check'
import { readJpegFrame } from '../../lib/pixels/jpeg-header.ts'
import type { Pixels, Size, Window } from '../../lib/pixels/pixels.ts'
import { checkMemory, cropped, decodeLibvips, decodeOwn, turned, type Decoded, type Decoder } from './decoders.ts'
import { same, sameBytes, type Kind } from './kind.ts'
import { headerMutation, mutated, scanMutation, type Mutation } from './mutations.ts'
import { fileOf, isOurs, pillowRecipes, sharpRecipes, writtenRecipes, type Recipe } from './pictures.ts'
import type { Pillow } from './pillow.ts'

/** Damaged files may tell any size. From this number of pixels on, only a few rows are decoded, and nothing is compared. */
const MAX_COMPARED_PIXELS = 1_000_000

/** Most pixels of a picture that is then damaged: small ones make many cases a second. */
const MAX_MUTATED_PIXELS = 6000

interface Place { left: number, top: number, width: number, height: number }
interface Damaged { recipe: Recipe, mutations: Mutation[], place: Place }
interface Whole { recipe: Recipe, place: Place }

/** A window, as parts of 1 of the picture's sides. */
const place = fc.record({
  left: fc.nat(99).map(value => value / 100),
  top: fc.nat(99).map(value => value / 100),
  width: fc.nat(100).map(value => value / 100),
  height: fc.nat(100).map(value => value / 100)
})

/**
 * Undamaged files. The decoder gives the pixels of libvips to the last bit, or refuses a file of a kind that it leaves to
 * libvips.
 *
 * @param decode the decoder under test
 */
export function wholeJpegs (name: string, recipes: fc.Arbitrary<Recipe>, cases: number, pillow: Pillow | null = null, decode: Decoder = decodeOwn): Kind<Whole> {
  return {
    name,
    cases,
    arbitrary: fc.record({ recipe: recipes, place }),
    check: async ({ recipe, place }, bytes) => {
      const own = decode(bytes)
      const isExpected = isOurs(recipe)
      if (isExpected !== null) same('refusal' in own ? own.refusal : 'decoded', isExpected ? 'decoded' : 'not a baseline JPEG', 'answer')
      if ('refusal' in own) return `left to libvips: ${own.refusal}`
      checkFrame(bytes, own)
      checkWindow(bytes, own, place, decode)
      const shown = turned(own.pixels, own.orientation)
      const libvips = await decodeLibvips(bytes)
      if ('refusal' in libvips) {
        // Coefficients of any size are more than an encoder writes; libvips may refuse them.
        if (recipe.by !== 'the test') throw new Error(`libvips refuses the file: ${libvips.refusal}`)
        return 'decoded; libvips refuses it'
      }
      samePixels(shown, libvips.pixels, 'libvips')
      const other = await pillow?.decode(bytes, true)
      if (other && 'pixels' in other) samePixels(shown, other.pixels, 'Pillow')
      return other ? 'refusal' in other ? 'as libvips; Pillow refuses it' : 'as libvips and Pillow' : 'as libvips'
    },
    bytesOf: async ({ recipe }) => await fileOf(recipe, pillow)
  }
}

/**
 * Damaged files. The decoder refuses them with one of its own errors, or gives the same pixels as libvips, if libvips can
 * read them. Where it refuses, the service asks libvips, which repairs some damage: that is counted, and right.
 *
 * @param part what is damaged
 * @param decode the decoder under test
 */
export function damagedJpegs (name: string, part: 'header' | 'scan', cases: number, pillow: Pillow | null = null, decode: Decoder = decodeOwn): Kind<Damaged> {
  const recipes = [writtenRecipes, sharpRecipes, ...pillow ? [pillowRecipes] : []].map(recipes => recipes(MAX_MUTATED_PIXELS).filter(recipe => isOurs(recipe) === true))
  return {
    name,
    cases,
    arbitrary: fc.record({
      recipe: fc.oneof(...recipes), mutations: fc.array(part === 'header' ? headerMutation : scanMutation, { minLength: 1, maxLength: 4 }), place
    }),
    check: async ({ place }, bytes) => {
      const frame = readJpegFrame(bytes)
      checkMemory(bytes)
      if (frame && frame.width * frame.height > MAX_COMPARED_PIXELS) {
        const { width, height } = frame
        // Over the size that is compared; that it ends, and throws nothing else, is checked in any case.
        const own = decode(bytes, { left: 0, top: 0, width: Math.min(width, 16), height: Math.min(height, 16) })
        return `says it is large: ${'refusal' in own ? own.refusal : 'decoded'}`
      }
      const own = decode(bytes)
      if ('refusal' in own) {
        // What the service does then.
        const libvips = own.refusal === 'not a baseline JPEG' && !frame ? null : await decodeLibvips(bytes)
        return `refused: ${own.refusal}${!libvips ? '' : 'refusal' in libvips ? '; libvips refuses it, too' : '; libvips reads it'}`
      }
      checkFrame(bytes, own)
      checkWindow(bytes, own, place, decode)
      const shown = turned(own.pixels, own.orientation)
      const [libvips, other] = [await decodeLibvips(bytes), await pillow?.decode(bytes, false)]
      if ('pixels' in libvips) samePixels(shown, libvips.pixels, 'libvips')
      // As they are stored, because a damaged EXIF has no orientation that all readers agree on.
      if (other && 'pixels' in other) samePixels(own.pixels, other.pixels, 'Pillow')
      return 'refusal' in libvips ? `decoded; libvips refuses it: ${libvips.refusal}` : 'decoded as libvips'
    },
    bytesOf: async ({ recipe, mutations }) => mutated(await fileOf(recipe, pillow), mutations)
  }
}

/** The event loop reads the frame alone, and admits the picture by its size. */
function checkFrame (bytes: Uint8Array, { pixels: { width, height } }: Exclude<Decoded, { refusal: string }>): void {
  same(sizeOf(readJpegFrame(bytes)), sizeOf({ width, height }), 'size that the event loop reads')
}

/** A window has the pixels of the whole. */
function checkWindow (bytes: Uint8Array, whole: Exclude<Decoded, { refusal: string }>, place: Place, decode: Decoder): void {
  const window = windowAt(whole.pixels, place)
  const part = decode(bytes, window)
  if ('refusal' in part) throw new Error(`the window ${JSON.stringify(window)} is refused, and the whole is not: ${part.refusal}`)
  sameBytes(part.pixels.data, cropped(whole.pixels, window).data, `the window ${JSON.stringify(window)}`)
}

/** The window at a place. */
export function windowAt ({ width, height }: Size, place: Place): Window {
  const [left, top] = [Math.floor(place.left * width), Math.floor(place.top * height)]
  return { left, top, width: Math.max(1, Math.floor(place.width * (width - left))), height: Math.max(1, Math.floor(place.height * (height - top))) }
}

function samePixels (actual: Pixels, expected: Pixels, decoder: string): void {
  same(sizeOf(actual), sizeOf(expected), `size against ${decoder}`)
  sameBytes(actual.data, expected.data, `pixels against ${decoder}`)
}

function sizeOf (size: Size | null): string {
  return size ? `${size.width} × ${size.height}` : 'none'
}
