import t from 'tap'
import { FLOAT16_MAX, toFloat16 } from '../../lib/float16.ts'

t.test('a number becomes the 16 bits of IEEE 754', async t => {
  // numpy: np.float16(x).view(np.uint16)
  const cases: Array<[number, number]> = [
    [0, 0], [-0, 0x8000], [1, 0x3c00], [-2, 0xc000], [0.1, 0x2e66], [1 / 3, 0x3555], [FLOAT16_MAX, 0x7bff], [-FLOAT16_MAX, 0xfbff],
    [2 ** -14, 0x0400], [2 ** -24, 0x0001], [3 * 2 ** -25, 0x0002], [2 ** -25, 0], [1e-30, 0], [65520, 0x7c00], [-1e30, 0xfc00], [Infinity, 0x7c00], [-Infinity, 0xfc00], [NaN, 0x7e00]
  ]
  for (const [value, bits] of cases) t.equal(toFloat16(value), bits, `${value}`)
})

t.test('a number halfway between two float16 becomes the even one', async t => {
  t.equal(toFloat16(2049), 0x6800, '2048')
  t.equal(toFloat16(2051), 0x6802, '2052')
  t.equal(toFloat16(2049.0001), 0x6801, '2050, the nearer one')
  t.equal(toFloat16(65519.99), 0x7bff)
})
