import t from 'tap'
import { flatten } from '../../../../lib/modalities/image/flatten.ts'

/** Levels of red, green and blue, and opacity. */
const PIXELS = [33, 200, 0, 77, 10, 20, 30, 255, 10, 20, 30, 0, 1, 254, 128, 1]

t.test("pixels on a background are those of Pillow's alpha_composite, to the last bit", async t => {
  for (const [background, expected] of [
    ['#ffffff', [188, 238, 178, 10, 20, 30, 255, 255, 255, 254, 255, 255]],
    ['#102030', [21, 83, 34, 10, 20, 30, 16, 32, 48, 16, 33, 48]]
  ] as const) {
    const { data, ...shape } = flatten({ data: Uint8Array.from(PIXELS), width: 2, height: 2, channels: 4 }, background)
    t.same([...data], expected, background)
    t.same(shape, { width: 2, height: 2, channels: 3 })
  }
})
