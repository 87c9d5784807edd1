import t from 'tap'
import { FLOAT32_MAX, FAMILIES, rangeOf } from '../../../lib/modalities/numbers.ts'

t.test('the range of a type is what its array holds', async t => {
  for (const array of [new Int8Array(2), new Int16Array(2), new Int32Array(2), new Uint8Array(2), new Uint16Array(2), new Uint32Array(2)]) {
    const dtype = array.constructor.name.replace('Array', '').toLowerCase() as keyof typeof FAMILIES
    const { min, max } = rangeOf(dtype) ?? { min: NaN, max: NaN }
    array.set([min, max])
    t.same([...array], [min, max], dtype)
    array.set([min - 1, max + 1])
    t.same([...array], [max, min], `${dtype}: one more is another number`)
    t.equal(FAMILIES[dtype], 'integer')
  }
  t.equal(Math.fround(FLOAT32_MAX), FLOAT32_MAX)
  t.equal(Math.fround(FLOAT32_MAX * (1 + 2 ** -24)), Infinity)
  t.same(rangeOf('float32'), { min: -FLOAT32_MAX, max: FLOAT32_MAX })
  t.same(rangeOf('float16'), { min: -65504, max: 65504 })
})

t.test('of 64 bits, the range is that of the whole numbers that JSON tells apart', async t => {
  t.same(rangeOf('int64'), { min: -(2 ** 53) + 1, max: 2 ** 53 - 1 })
  t.same(rangeOf('uint64'), { min: 0, max: 2 ** 53 - 1 })
})

t.test('texts and truth values have no range', async t => {
  t.equal(rangeOf('string'), null)
  t.equal(rangeOf('bool'), null)
})
