import t from 'tap'
import { elementOf, shortFloat32 } from '../../../lib/output/numbers.ts'

t.test('a float32 is written with the fewest digits that make it again', async t => {
  // numpy: repr(numpy.float32(x)) of the same numbers
  for (const [written, value] of [
    [0.92, Math.fround(0.92)], [-3.2, Math.fround(-3.2)], [16777217 - 1, 16777216], [12345678, 12345678], [0.1, Math.fround(0.1)], [1e-30, Math.fround(1e-30)],
    [3.4028235e38, 3.4028234663852886e38], [0.33333334, Math.fround(1 / 3)], [0, 0]
  ] as const) t.equal(shortFloat32(value), written, `${written}`)
  t.ok(Number.isNaN(shortFloat32(NaN)))
  t.equal(shortFloat32(-Infinity), -Infinity)
})

t.test('every float32 survives, the smallest ones included', async t => {
  const bits = new DataView(new ArrayBuffer(4))
  for (let pattern = 1; pattern < 2 ** 31 - 2 ** 23; pattern += 1_048_573) {
    bits.setUint32(0, pattern)
    const value = bits.getFloat32(0)
    if (Math.fround(shortFloat32(value)) !== value) return t.fail(`${value} became ${shortFloat32(value)}`)
  }
  t.pass()
})

t.test('an element has the value that its type says', async t => {
  t.equal(elementOf({ dtype: 'float32', shape: [2], data: Float32Array.of(1, 0.92) }, 1), 0.92)
  t.equal(elementOf({ dtype: 'float64', shape: [1], data: Float64Array.of(0.1234567890123) }, 0), 0.1234567890123)
  // 0x3c00 is 1, 0x2e66 the float16 nearest to 0.1.
  t.equal(elementOf({ dtype: 'float16', shape: [2], data: Uint16Array.of(0x3c00, 0x2e66) }, 0), 1)
  t.equal(elementOf({ dtype: 'float16', shape: [2], data: Uint16Array.of(0x3c00, 0x2e66) }, 1), 0.099975586)
  t.equal(elementOf({ dtype: 'bool', shape: [1], data: Uint8Array.of(1) }, 0), true)
  t.equal(elementOf({ dtype: 'uint8', shape: [1], data: Uint8Array.of(1) }, 0), 1)
  t.equal(elementOf({ dtype: 'int64', shape: [1], data: BigInt64Array.of(2n ** 60n + 1n) }, 0), 2n ** 60n + 1n)
  t.equal(elementOf({ dtype: 'string', shape: [1], data: ['日本'] }, 0), '日本')
})
