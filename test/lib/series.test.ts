import { Histogram, Registry } from 'prom-client'
import t from 'tap'
import { Buckets, SeriesCounter, SeriesHistogram } from '../../lib/series.ts'

t.test('a histogram of kept series reads as that of prom-client', async t => {
  const [ours, theirs] = [new Registry(), new Registry()]
  const configuration = { name: 'seconds', help: 'Time.', labelNames: ['route', 'status'] as const, buckets: [0.1, 1, 10] }
  const kept = new SeriesHistogram({ ...configuration, registers: [ours] })
  const known = new Histogram({ ...configuration, registers: [theirs] })
  t.equal(await ours.metrics(), await theirs.metrics(), 'without a series')
  for (const [route, status, values] of [['/a', 200, [0.05, 0.1, 0.5, 10, 10.5]], ['/"b"', 404, [2]]] as const) {
    const series = kept.series({ route, status })
    for (const value of values) {
      series.observe(value)
      known.observe({ route, status }, value)
    }
  }
  t.same(linesOf(await ours.metrics()), linesOf(await theirs.metrics()))
  t.same((await kept.get()).values.length, (await known.get()).values.length)
})

t.test('a counter of kept series reads as that of prom-client', async t => {
  const registry = new Registry()
  const counter = new SeriesCounter({ name: 'answers_total', help: 'Answers.', labelNames: ['label'] as const, registers: [registry] })
  const [pizza, sushi] = [counter.series({ label: 'pizza' }), counter.series({ label: 'sushi' })]
  pizza.value += 2
  t.equal(await registry.metrics(), '# HELP answers_total Answers.\n# TYPE answers_total counter\nanswers_total{label="pizza"} 2\nanswers_total{label="sushi"} 0\n')
  sushi.value++
  t.match(await registry.metrics(), 'answers_total{label="sushi"} 1')
})

t.test('a bucket takes the values up to its bound, and the last one those above all bounds', async t => {
  const buckets = new Buckets([1, 2])
  for (const value of [0, 1, 1.5, 2, 3, Infinity]) buckets.observe(value)
  t.same(buckets.counts, [2, 2, 2])
})

/** The lines in any order, and their labels in any order. */
function linesOf (text: string): string[] {
  return text.split('\n').map(line => line.replace(/\{(.*)\}/, (_all, labels: string) => labels.split(',').sort().join())).sort()
}
