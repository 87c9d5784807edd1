import t from 'tap'
import { constants } from '../../../lib/pixels/simd.ts'
import { mirrored, PAIR_BYTES, pairsOf, windowsBytes, windowsOf, writeWindows } from '../../../lib/pixels/windows.ts'

const WHOLE = 2 ** constants.WEIGHT_BITS

/** The weights of a window as fractions. */
function weightsOf ({ weights, tapCount }: ReturnType<typeof windowsOf>, index: number): number[] {
  return [...weights.subarray(index * tapCount, (index + 1) * tapCount)].map(weight => Number((weight / WHOLE).toFixed(6)))
}

t.test('nearest takes the source pixel under the centre of a result pixel', async t => {
  // floor((x + 0.5) * 10 / 4) for x = 0 … 3, and floor((x + 0.5) * 3 / 7) for x = 0 … 6
  t.same([...windowsOf(10, 4, 'nearest', 0, 4).starts], [1, 3, 6, 8])
  t.same([...windowsOf(3, 7, 'nearest', 0, 7).starts], [0, 0, 1, 1, 1, 2, 2])
  t.match(windowsOf(10, 4, 'nearest', 1, 2), { length: 2, tapCount: 1, first: 3, span: 4 })
  t.same(weightsOf(windowsOf(10, 4, 'nearest', 0, 4), 2), [1])
})

t.test('nearest adds up the places as Pillow does, with their rounding errors', async t => {
  // Pillow 13: [*Image.frombytes("L", (2, 1), bytes([0, 1])).resize((7, 1), Image.Resampling.NEAREST).tobytes()]
  // The fourth place is 1 exactly, and the sum of the steps a bit less.
  t.same([...windowsOf(2, 7, 'nearest', 0, 7).starts], [0, 0, 0, 0, 1, 1, 1])
  t.same([...windowsOf(2, 7, 'nearest', 3, 2).starts], [0, 1], 'also from the middle on')
})

t.test('the filters have the weights of their definitions', async t => {
  // 8 pixels become 4: the centre of the second is 3, and a step of a source pixel is half a unit of the filter.
  t.same(weightsOf(windowsOf(8, 4, 'box', 1, 1), 0), [0.5, 0.5, 0])
  // Triangle: 0.25, 0.75, 0.75, 0.25, divided by their sum.
  t.same(weightsOf(windowsOf(8, 4, 'bilinear', 1, 1), 0), [0.125, 0.375, 0.375, 0.125, 0])
  // sinc(0.75) (0.54 + 0.46 cos(0.75 π)) is 0.0644419, sinc(0.25) (0.54 + 0.46 cos(0.25 π)) is 0.7790159.
  t.same(weightsOf(windowsOf(8, 4, 'hamming', 1, 1), 0), [0.038201, 0.461799, 0.461799, 0.038201, 0])
})

t.test('box takes the pixel at its upper edge and not the one at its lower edge', async t => {
  // Pillow 13: [*Image.frombytes("L", (3, 1), bytes([0, 100, 200])).resize((2, 1), Image.Resampling.BOX).tobytes()] is [50, 200].
  t.same([0, 1].map(index => weightsOf(windowsOf(3, 2, 'box', 0, 2), index)), [[0.5, 0.5, 0], [0, 0, 1]])
})

t.test('mirrored windows see the pixels from the other end', async t => {
  const { starts, first } = mirrored(windowsOf(10, 4, 'nearest', 0, 4), 10)
  t.same([...starts], [1, 3, 6, 8].map(start => 9 - start).reverse())
  t.equal(first, 1)
})

t.test('windows are written as starts, and then as the two halves of the weights of each pair of taps', async t => {
  const windows = windowsOf(8, 4, 'box', 1, 2)
  t.equal(pairsOf(windows), 2)
  t.equal(windowsBytes(windows), 2 * (4 + 2 * PAIR_BYTES))
  const memory = new Uint8Array(windowsBytes(windows))
  t.equal(writeWindows(windows, windows.first, 3, memory, 0), 8)
  t.same([...new Int32Array(memory.buffer, 0, 2)], [0, 2 * 3], 'in bytes, from the first pixel that is seen')
  // 2²¹ is 2¹⁰ · 2¹¹.
  t.same([...new Int16Array(memory.buffer, 8, 8)], [1024, 1024, 0, 0, 0, 0, 0, 0])
})
