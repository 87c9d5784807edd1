import t from 'tap'
import { isReached, outcomesOf } from '../../bench/goals.ts'
import type { Results } from '../../bench/report.ts'

/** A measurement with figures that no goal looks at. */
function measured (system: string, work: string, round: number, connections: number, rate: number, figures: { p99?: number, peak?: number } = {}): Results['measurements'][number] {
  return { system, work, round, connections, rate, p50: 1, p99: 10, errors: 0, cpu: 1, memory: 1, peak: 1, readyAfter: 1, probe: 1, ...figures }
}

const NOTHING: Results = { load: 'wrk', measurements: [], overloads: [], fairness: [], liveness: [], starts: [] }

function outcome (results: Results, goal: string) {
  const found = outcomesOf(results).find(each => each.goal === goal)
  if (!found) throw new Error(`no goal '${goal}'`)
  return found
}

t.test('a goal is the median of the ratios within a round, not the ratio of the medians', async t => {
  const work = '100 rows'
  const measurements = [[100, 50], [300, 300], [90, 30]].flatMap(([own = 0, other = 0], at) => [
    measured('Servery', work, at + 1, 16, own), measured('Rust', work, at + 1, 16, other)
  ])
  const { value } = outcome({ ...NOTHING, measurements }, '100 rows: throughput against Rust')
  t.equal(value, 2)
})

t.test('the best Python peer is the one with the most answers in the round, and its p99 is the one that counts', async t => {
  const work = 'photo of 512 pixels'
  const measurements = [
    measured('Servery', work, 1, 64, 500, { p99: 20 }), measured('Rust', work, 1, 64, 600),
    measured('FastAPI, async', work, 1, 64, 200, { p99: 10 }), measured('BentoML', work, 1, 64, 250, { p99: 80 }), measured('bare Fastify', work, 1, 64, 4000)
  ]
  t.equal(outcome({ ...NOTHING, measurements }, `${work}, 64 connections: throughput against the best Python peer`).value, 2)
  t.equal(outcome({ ...NOTHING, measurements }, `${work}, 64 connections: p99 against the best Python peer`).value, 0.25)
})

t.test('starts are compared by their medians, model by model', async t => {
  const starts = [0.3, 0.4, 9].map((seconds, at) => ({ system: 'Servery', model: 'one row', round: at + 1, seconds }))
  starts.push({ system: 'FastAPI, async', model: 'one row', round: 1, seconds: 0.5 }, { system: 'Servery', model: 'photo of 512 pixels', round: 1, seconds: 2 })
  const { value, most } = outcome({ ...NOTHING, starts }, 'start to ready with rows, against FastAPI in one process')
  t.equal(value, 0.8)
  t.equal(most, 0.9)
})

t.test('a goal without figures is neither reached nor missed', async t => {
  for (const each of outcomesOf(NOTHING)) {
    t.equal(each.value, null, each.goal)
    t.equal(isReached(each), null)
  }
})

t.test('a goal is reached at its own figure', async t => {
  t.equal(isReached({ goal: '', least: 3, value: 3, unit: '×' }), true)
  t.equal(isReached({ goal: '', least: 3, value: 2.99, unit: '×' }), false)
  t.equal(isReached({ goal: '', most: 150, value: 150, unit: 'MiB' }), true)
  t.equal(isReached({ goal: '', most: 150, value: 151, unit: 'MiB' }), false)
})
