import t from 'tap'
import { Statistics } from '../../../lib/statistics.ts'
import { BATCH_SECTIONS, modelStatistics, SECTIONS } from '../../../wire/open-inference/statistics.ts'
import { fakeModel } from '../../lib/model.ts'

t.test('rows, requests and runs are counted as Triton counts them, in nanoseconds', async t => {
  const { model: { card } } = await fakeModel()
  const statistics = new Statistics()
  statistics.succeed(3, 2.5, { decode: 0.5, queue: 1, infer: 1 })
  statistics.fail(4)
  statistics.run(3, 0.25, 0.125)
  const { model_stats: [stats] } = modelStatistics({ card, statistics })
  t.match(stats, {
    name: 'iris',
    version: '1',
    inference_count: 3,
    execution_count: 1,
    inference_stats: { success: { count: 1, ns: 2_500_000 }, fail: { count: 1, ns: 4_000_000 }, queue: { count: 1, ns: 1_000_000 }, compute_infer: { count: 1, ns: 1_000_000 }, cache_hit: { count: 0, ns: 0 } },
    batch_stats: [{ batch_size: 3, compute_input: { count: 1, ns: 125_000 }, compute_infer: { count: 1, ns: 250_000 } }]
  })
  t.ok((stats?.last_inference ?? 0) > 1e12, 'in Unix time of milliseconds')
  t.same(Object.keys(stats?.inference_stats ?? {}), SECTIONS)
  t.same(Object.keys(stats?.batch_stats[0] ?? {}), ['batch_size', ...BATCH_SECTIONS])
})
