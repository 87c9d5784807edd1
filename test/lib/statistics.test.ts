import t from 'tap'
import { Statistics } from '../../lib/statistics.ts'

t.test('requests, their inputs and their time in each stage add up', async t => {
  const statistics = new Statistics()
  t.match(statistics, { rows: 0, lastMs: 0, succeeded: { count: 0, durationMs: 0 }, failed: { count: 0, durationMs: 0 }, batches: [] })
  const before = Date.now()
  statistics.succeed(3, 10, { decode: 1, queue: 2, infer: 4 })
  statistics.succeed(1, 5, { decode: 0.5, queue: 0.25, infer: 0.125 })
  statistics.fail(7)
  t.same(statistics.succeeded, { count: 2, durationMs: 15 })
  t.same(statistics.failed, { count: 1, durationMs: 7 })
  t.same(statistics.stagesMs, { decode: 1.5, queue: 2.25, infer: 4.125 })
  t.equal(statistics.rows, 4)
  t.ok(statistics.lastMs >= before && statistics.lastMs <= Date.now())
})

t.test('runs add up by the size of the batch, the smallest first', async t => {
  const statistics = new Statistics()
  statistics.run(8, 4, 1)
  statistics.run(1, 0.5, 0.25)
  statistics.run(8, 2, 1)
  t.same(statistics.batches, [{ rows: 1, count: 1, encodeMs: 0.25, inferMs: 0.5 }, { rows: 8, count: 2, encodeMs: 2, inferMs: 6 }])
})
