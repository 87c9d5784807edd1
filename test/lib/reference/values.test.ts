import t from 'tap'
import { differenceOf, readLists, toTensor, valuesOf, type NestedValues } from '../../../lib/reference/values.ts'

t.test('nested lists have the shape of their lengths; null is NaN', async t => {
  t.same(readLists([[1, 2, 3], [4, 5, null]]), { dtype: null, shape: [2, 3], values: [1, 2, 3, 4, 5, NaN] })
  t.same(readLists(7), { dtype: null, shape: [], values: [7] })
  t.same(readLists([['a'], ['b']]), { dtype: null, shape: [2, 1], values: ['a', 'b'] })
  t.same(readLists([]), { dtype: null, shape: [0], values: [] })
})

t.test('lists of different lengths, too deep ones, and other values are refused', async t => {
  t.throws(() => readLists([[1, 2], [3]]), { message: 'has lists of different lengths; it begins as [2,2]' })
  t.throws(() => readLists([[1], 2]), { message: /different lengths/ })
  t.throws(() => readLists([1, [2]]), { message: /something other than numbers/ })
  t.throws(() => readLists({}), { message: /something other than numbers/ })
  let deep: unknown = 1
  for (let depth = 0; depth < 17; depth++) deep = [deep]
  t.throws(() => readLists(deep), { message: 'is nested more than 16 deep' })
})

t.test('values get the data type of the model, as by astype in NumPy', async t => {
  const of = (values: NestedValues['values']) => ({ dtype: null, shape: [values.length], values })
  t.same(toTensor(of([0.1, 2n]), 'float32'), { dtype: 'float32', shape: [2], data: Float32Array.of(0.1, 2) })
  t.same(toTensor(of([1, 2n ** 60n]), 'int64'), { dtype: 'int64', shape: [2], data: BigInt64Array.of(1n, 2n ** 60n) })
  t.same(toTensor(of([1]), 'uint64'), { dtype: 'uint64', shape: [1], data: BigUint64Array.of(1n) })
  // 1.5 is 0x3e00 in IEEE 754 binary16.
  t.same(toTensor(of([1.5]), 'float16'), { dtype: 'float16', shape: [1], data: Uint16Array.of(0x3e00) })
  t.same(toTensor(of([true, false]), 'bool'), { dtype: 'bool', shape: [2], data: Uint8Array.of(1, 0) })
  t.same(toTensor(of(['a']), 'string'), { dtype: 'string', shape: [1], data: ['a'] })
  for (const [dtype, array] of [['int8', Int8Array], ['int16', Int16Array], ['int32', Int32Array], ['uint8', Uint8Array], ['uint16', Uint16Array], ['uint32', Uint32Array], ['float64', Float64Array]] as const) {
    t.same(toTensor(of([7]), dtype).data, array.of(7), dtype)
  }
  t.throws(() => toTensor(of([2.5]), 'int64'), { message: 'holds 2.5, and the model takes integers' })
  t.throws(() => toTensor(of(['a']), 'float32'), { message: 'holds texts, and the model takes float32' })
  t.throws(() => toTensor(of([1]), 'string'), { message: 'holds something other than texts, and the model takes string' })
})

t.test('the values of a tensor are numbers, booleans, texts and integers of 64 bits', async t => {
  t.same(valuesOf({ dtype: 'float16', shape: [1], data: Uint16Array.of(0x3e00) }), [1.5])
  t.same(valuesOf({ dtype: 'bool', shape: [2], data: Uint8Array.of(1, 0) }), [true, false])
  t.same(valuesOf({ dtype: 'int64', shape: [1], data: BigInt64Array.of(-1n) }), [-1n])
  t.same(valuesOf({ dtype: 'string', shape: [1], data: ['a'] }), ['a'])
})

t.test('a difference is told by its count and its worst element', async t => {
  const of = (...values: NestedValues['values']) => ({ dtype: null, shape: [values.length], values })
  t.equal(differenceOf(of(1, 2, 3), of(1, 2.5, 4), 0.25), 'differs in 2 of 3 elements by more than 0.25: element 2 is 3, in the reference 4')
  t.equal(differenceOf(of(1, 2), of(1.0625, 2), 0.125), null)
  t.equal(differenceOf(of(NaN, Infinity, 1n, true), of(NaN, Infinity, 1, 1), 0), null)
  t.match(differenceOf(of(NaN), of(1), 10), /element 0 is NaN/)
  t.match(differenceOf(of('a', 'b'), of('a', 'c'), 1), /differs in 1 of 2 .* element 1 is b, in the reference c/)
  t.equal(differenceOf(of(1), of(1, 2), 1), 'has the shape [1], the reference [2]')
})
