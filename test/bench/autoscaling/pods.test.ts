import t from 'tap'
import { arrivalsOf, Pods, randomOf, type Service } from '../../../bench/autoscaling/pods.ts'

/** Answers 100 requests a second. */
const service: Service = { cpuSeconds: 0.01, cores: 1, queueLimit: 50, startSeconds: 5 }

t.test('arrivals have the mean and the variance of a Poisson distribution, the same ones for a seed', async t => {
  for (const mean of [0.5, 8, 400]) {
    const random = randomOf(7)
    const counts = Array.from({ length: 20_000 }, () => arrivalsOf(mean, random))
    const found = counts.reduce((sum, count) => sum + count, 0) / counts.length
    const variance = counts.reduce((sum, count) => sum + (count - found) ** 2, 0) / counts.length
    t.ok(Math.abs(found / mean - 1) < 0.03 && Math.abs(variance / mean - 1) < 0.05, `${mean}: ${found}, ${variance}`)
  }
  t.same(Array.from({ length: 5 }, randomOf(1)), Array.from({ length: 5 }, randomOf(1)))
  t.notSame(Array.from({ length: 5 }, randomOf(1)), Array.from({ length: 5 }, randomOf(2)))
})

t.test('pods that keep up refuse nothing, and answer in the time of a request', async t => {
  const pods = new Pods(service, { pods: 2, seed: 1 })
  let used = 0
  for (let step = 0; step < 1000; step++) used += pods.step(step / 10, 0.1, 100)
  const { answered, refused, p50Ms, peakPods } = pods.outcome
  t.equal(refused, 0)
  t.ok(Math.abs(answered / 10_000 - 1) < 0.05, `${answered} of about 10,000`)
  t.ok(Math.abs(used / (answered * 0.01) - 1) < 0.01, 'each takes its CPU')
  t.ok(p50Ms < 13, `${p50Ms}`)
  t.equal(peakPods, 2)
})

t.test('what is over the capacity fills the queue, and is refused then', async t => {
  const pods = new Pods(service, { pods: 1, seed: 1 })
  for (let step = 0; step < 600; step++) pods.step(step / 10, 0.1, 300)
  const { answered, refused, p99Ms } = pods.outcome
  // 60 s with 300 a second, of which 100 are answered.
  t.ok(Math.abs(answered / 6000 - 1) < 0.05 && Math.abs(refused / 12_000 - 1) < 0.05, `${answered}, ${refused}`)
  // A full queue of 50 takes half a second.
  t.ok(p99Ms > 450 && p99Ms < 600, `${p99Ms}`)
})

t.test('a pod that is ordered takes requests after its start, and one that leaves answers what it has', async t => {
  const pods = new Pods(service, { pods: 1, seed: 1 })
  pods.scaleTo(3, 10)
  t.equal(pods.wanted, 3)
  t.equal(pods.ready(14.9), 1)
  t.equal(pods.ready(15), 3)
  pods.step(15, 0.1, 3000)
  const { concurrency } = pods
  pods.scaleTo(1, 15)
  t.equal(pods.ready(16), 1)
  t.ok(concurrency > 60)
  for (let step = 0; step < 20; step++) pods.step(16 + step / 10, 0.1, 0)
  t.equal(pods.concurrency, 0)
})

t.test('requests that find no pod are refused by Kubernetes, and wait before Knative', async t => {
  for (const keepsWaiting of [false, true]) {
    const pods = new Pods(service, { pods: 0, seed: 1, keepsWaiting })
    pods.step(0, 1, 20)
    t.equal(pods.concurrency > 0, keepsWaiting)
    t.equal(pods.outcome.refused > 0, !keepsWaiting)
  }
})
