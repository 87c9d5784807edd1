import t from 'tap'
import { KNATIVE, KnativeAutoscaler, type Knative } from '../../../bench/autoscaling/knative.ts'

const settings: Knative = { ...KNATIVE, minScale: 0, maxScale: 100, target: 10 }

/** Decides every two seconds for a minute with the same load. */
function settled (concurrency: number, ready: number, given = settings): number {
  const autoscaler = new KnativeAutoscaler(given)
  let wanted = ready
  for (let now = 0; now < 60; now += 2) wanted = autoscaler.decide(now, { concurrency, ready })
  return wanted
}

t.test('there are as many pods as bring the requests at once to 70 % of the target', async t => {
  t.equal(settled(70, 10), 10)
  t.equal(settled(71, 10), 11)
  t.equal(settled(70, 10, { ...settings, maxScale: 3 }), 3)
  t.equal(settled(1, 5, { ...settings, minScale: 4 }), 4)
})

t.test('pods are at most halved at once', async t => {
  t.equal(settled(1, 8), 4)
})

t.test('twice the load is a panic: the short window counts, and no pod leaves for a minute', async t => {
  const autoscaler = new KnativeAutoscaler(settings)
  for (let now = 0; now < 60; now += 2) autoscaler.decide(now, { concurrency: 7, ready: 1 })
  for (let now = 60; now < 66; now += 2) autoscaler.decide(now, { concurrency: 70, ready: 1 })
  t.equal(autoscaler.decide(66, { concurrency: 70, ready: 1 }), 10)
  t.equal(autoscaler.decide(80, { concurrency: 7, ready: 10 }), 10)
  let wanted = 10
  for (let now = 82; now < 200; now += 2) wanted = autoscaler.decide(now, { concurrency: 7, ready: wanted })
  t.equal(wanted, 1)
})

t.test('the last pod leaves after a window without requests and a grace of thirty seconds', async t => {
  const autoscaler = new KnativeAutoscaler(settings)
  autoscaler.decide(0, { concurrency: 1, ready: 1 })
  const wanted = new Map<number, number>()
  for (let now = 2; now < 120; now += 2) wanted.set(now, autoscaler.decide(now, { concurrency: 0, ready: 1 }))
  t.equal(wanted.get(58), 1)
  t.equal(wanted.get(86), 1)
  t.equal(wanted.get(92), 0)
})
