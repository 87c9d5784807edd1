import t from 'tap'
import { blockOf, isNumbers } from '../../../../lib/modalities/table/block.ts'

const rows = [[1, 2], [3, null], [5, 6]]

t.test('rows become one array of numbers, and a missing number is NaN', async t => {
  const block = blockOf(rows, 2, 'float32')
  t.equal(block.length, 3)
  t.match(block.slice(0, 3), [{ content: { payload: Float32Array.of(1, 2, 3, NaN, 5, 6), count: 3 }, weightBytes: 0 }])
})

t.test('a part of a block has memory of its own, which may move to a worker', async t => {
  const block = blockOf(rows, 2, 'float64')
  const [first] = block.slice(0, 1)
  const [others] = block.slice(1, 3)
  t.match(first, { content: { payload: Float64Array.of(1, 2), count: 1 } })
  t.match(others, { content: { payload: Float64Array.of(3, NaN, 5, 6), count: 2 } })
  t.not(first?.transfer[0], others?.transfer[0])
  t.equal(others?.transfer[0]?.byteLength, 32)
})

t.test('numbers that need a conversion of their own make no block', async t => {
  t.ok(isNumbers('int32'))
  for (const dtype of ['int64', 'float16', 'bool', 'string'] as const) t.notOk(isNumbers(dtype), dtype)
})
