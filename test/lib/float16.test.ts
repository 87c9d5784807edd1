import t from 'tap'
import { fromFloat16, toFloat16, toFloat32 } from '../../lib/float16.ts'

// numpy.float16(value).view(numpy.uint16)
const CASES: Array<[number, number]> = [
  [0, 0x0000], [-0, 0x8000], [1, 0x3c00], [-2, 0xc000], [0.1, 0x2e66], [1 / 3, 0x3555], [255, 0x5bf8], [65504, 0x7bff],
  [65519.99, 0x7bff], [65520, 0x7c00], [-1e9, 0xfc00], [Infinity, 0x7c00], [-Infinity, 0xfc00],
  [2 ** -14, 0x0400], [2 ** -24, 0x0001], [2 ** -25, 0x0000], [2 ** -25 * 1.0001, 0x0001], [-(2 ** -26), 0x8000], [1.5 * 2 ** -24, 0x0002],
  [2 ** -14 - 2 ** -26, 0x0400], [1e-320, 0x0000]
]

t.test('a number becomes the nearest of 16 bits, as in NumPy', async t => {
  for (const [value, bits] of CASES) t.equal(toFloat16(value), bits, String(value))
  t.equal(toFloat16(NaN) & 0x7e00, 0x7e00, 'not a number')
})

t.test('halfway between two numbers, the even one is taken, also over a power of two', async t => {
  for (const [value, bits] of [[2049, 0x6800], [2051, 0x6802], [1 + 2 ** -11, 0x3c00], [1 + 3 * 2 ** -11, 0x3c02], [4095, 0x6c00], [2 - 2 ** -12, 0x4000]] as const) {
    t.equal(toFloat16(value), bits, String(value))
  }
})

t.test('16 bits stand for the same number in both directions, for all of them', async t => {
  const all = Uint16Array.from({ length: 65536 }, (_, bits) => bits)
  const wide = toFloat32(all)
  t.same([wide[0x3555], wide[0x7bff], wide[0x0001], wide[0x03ff], wide[0xfc00]], [0.333251953125, 65504, 2 ** -24, 1023 * 2 ** -24, -Infinity])
  t.ok(Object.is(wide[0x8000], -0))
  const numbers = all.filter(bits => !Number.isNaN(wide[bits]))
  t.equal(numbers.length, 65536 - 2 * 1023)
  t.ok(numbers.every(bits => toFloat16(wide[bits]!) === bits && fromFloat16(bits) === wide[bits]))
})
