import t from 'tap'
import { numbersOf, rowOf, valuesOf } from '../../../../lib/modalities/table/row.ts'

t.test('a row needs no memory to be decoded, shares a run with any other, and is copied to the worker', async t => {
  t.same(rowOf([1, 2]), { content: { payload: [1, 2] }, weightBytes: 0, isSlow: false, batchKey: '', transfer: [] })
})

t.test('its values come back from the payload, and nothing else does', async t => {
  t.same(valuesOf([1, 2]), [1, 2])
  for (const payload of ['1,2', undefined, { 0: 1, length: 1 }]) t.throws(() => valuesOf(payload), { message: 'the payload is not a row of values' })
})

t.test('so do numbers', async t => {
  t.same(numbersOf([1, 2]), [1, 2])
  t.throws(() => numbersOf('1,2'), { message: 'the payload is not a row of values' })
})
