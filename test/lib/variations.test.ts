import t from 'tap'
import { variationsOf } from '../../lib/variations.ts'

t.test('floats vary near their values, and each variation is another one, the same every time', async t => {
  const example = { x: { dtype: 'float32' as const, shape: [1, 3], data: Float32Array.of(-5, 0, 100) } }
  const all = variationsOf(example)
  t.ok(all.length >= 3)
  t.equal(new Set(all.map(({ x }) => String(x?.data))).size, all.length)
  for (const { x } of all) {
    t.same(x?.shape, [1, 3])
    const [a = NaN, b = NaN, c = NaN] = x?.dtype === 'float32' ? x.data : []
    t.ok(a >= -11 && a <= 1 && b >= -1 && b <= 1 && c >= -1 && c <= 201, String(x?.data))
  }
  t.same(variationsOf(example), all)
  t.same(example.x.data, Float32Array.of(-5, 0, 100), 'the example stays')
})

t.test('a picture becomes noise within its range', async t => {
  const size = 3 * 16 * 16
  const pixels = Uint8Array.from({ length: size }, (_, at) => 50 + at % 100)
  for (const { x, y, z } of variationsOf({
    x: { dtype: 'uint8', shape: [1, 16, 16, 3], data: pixels },
    y: { dtype: 'float64', shape: [1, 3, 16, 16], data: Float64Array.from(pixels) },
    // 0xbc00 is -1 and 0x3c00 is 1: the bits between them are infinities, too.
    z: { dtype: 'float16', shape: [1, 3, 16, 16], data: Uint16Array.from({ length: size }, (_, at) => at % 2 ? 0xbc00 : 0x3c00) }
  })) {
    for (const tensor of [x, y]) t.ok(Array.from(tensor?.data ?? [], Number).every(value => value >= 50 && value <= 149), tensor?.dtype ?? '')
    // The bits without the sign of numbers up to 1.
    t.ok(Array.from(z?.data ?? [], Number).every(bits => (bits & 0x7fff) <= 0x3c00), 'float16')
    t.ok(new Set(Array.from(x?.data ?? [], Number)).size > 50)
  }
})

t.test('a picture of one colour varies, too', async t => {
  const [first] = variationsOf({ x: { dtype: 'float32', shape: [1, 300], data: new Float32Array(300) } })
  t.ok(new Set(Array.from(first?.['x']?.data ?? [], Number)).size > 250)
})

t.test('words, integers and booleans stay, because few of them are valid', async t => {
  const example = {
    a: { dtype: 'string' as const, shape: [1, 1], data: ['red'] },
    b: { dtype: 'int64' as const, shape: [1, 1], data: BigInt64Array.of(3n) },
    c: { dtype: 'bool' as const, shape: [1], data: Uint8Array.of(1) },
    d: { dtype: 'uint8' as const, shape: [1], data: Uint8Array.of(7) }
  }
  for (const variation of variationsOf(example)) t.same(variation, example)
})
