import t from 'tap'
import { GRID_CELLS, importanceOf, occlusions } from '../../../../lib/modalities/image/occlusion.ts'
import type { ImageInput } from '../../../../lib/modalities/image/input.ts'

const input: ImageInput = {
  kind: 'image',
  tensor: 'image',
  type: 'uint8',
  layout: 'NHWC',
  width: 18,
  height: 27,
  colour: 'rgb',
  resize: { fit: 'cover', filter: 'bilinear' },
  background: '#ffffff'
}
const pixels = input.width * input.height

t.test('each cell hides itself and its neighbours under the median colour, and nothing else', t => {
  // Most of the picture is [10, 20, 30], some of it [200, 0, 255].
  const row = Uint8Array.from({ length: pixels * 3 }, (_, at) => (Math.floor(at / 3) % 3 === 0 ? [200, 0, 255] : [10, 20, 30])[at % 3]!)
  const rows = occlusions(row, input)
  t.equal(rows.length, GRID_CELLS * GRID_CELLS)
  // Cells are 2 × 3 pixels here; the middle one's window is 6 × 9 around it.
  const middle = rows[4 * GRID_CELLS + 4]!
  t.same(middle, row.map((value, at) => {
    const [x, y] = [Math.floor(at / 3) % 18, Math.floor(at / 3 / 18)]
    return x >= 6 && x < 12 && y >= 9 && y < 18 ? [10, 20, 30][at % 3]! : value
  }))
  t.end()
})

t.test('at a corner only what is inside is hidden', t => {
  const row = new Uint8Array(pixels * 3).fill(7).fill(0, 0, 3)
  const [corner] = occlusions(row, input)
  t.same([...corner!.subarray(0, 3)], [7, 7, 7])
  t.end()
})

t.test('the median of float16 is that of the numbers, not of their bits', t => {
  // 0xc000 is −2, 0xbc00 −1 and 0x3c00 1: the median is −1, the middle of the bits −2.
  const row = Uint16Array.from({ length: pixels * 3 }, (_, at) => [0xc000, 0xbc00, 0x3c00][Math.floor(at / 3) % 3]!)
  const middle = occlusions(row, { ...input, type: 'float16' })[4 * GRID_CELLS + 4]!
  t.ok(middle instanceof Uint16Array)
  t.same([...middle.subarray((13 * 18 + 9) * 3, (13 * 18 + 9) * 3 + 3)], [0xbc00, 0xbc00, 0xbc00])
  t.end()
})

t.test('planes are hidden as pixels are', t => {
  const interleaved = Uint8Array.from({ length: pixels * 3 }, (_, at) => at * 31 % 251)
  const planar = Uint8Array.from({ length: pixels * 3 }, (_, at) => interleaved[at % pixels * 3 + Math.floor(at / pixels)]!)
  const ofPlanes = occlusions(planar, { ...input, layout: 'NCHW' })
  occlusions(interleaved, input).forEach((row, cell) => {
    t.same(ofPlanes[cell], Uint8Array.from({ length: pixels * 3 }, (_, at) => row[at % pixels * 3 + Math.floor(at / pixels)]!))
  })
  t.end()
})

t.test('the cell whose windows cost the most probability is the most important', t => {
  // The label hangs on one cell: whatever hides it halves the probability.
  const probabilities = Array.from({ length: GRID_CELLS * GRID_CELLS }, (_, cell) => {
    return Math.abs(Math.floor(cell / GRID_CELLS) - 2) <= 1 && Math.abs(cell % GRID_CELLS - 6) <= 1 ? 0.4 : 0.8
  })
  const importance = importanceOf(probabilities, 0.8)
  t.equal(importance[2]![6], 0.4)
  t.equal(importance[2]![7], Number((0.4 * 6 / 9).toFixed(6)), 'two thirds of the windows over its neighbour cover it')
  t.equal(importance[8]![0], 0)
  t.end()
})
