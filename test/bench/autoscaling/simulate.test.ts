import t from 'tap'
import { cores, horizontalPodAutoscaler, knative } from '../../../bench/autoscaling/manifests.ts'
import { dailyTrace, simulateHorizontalPodAutoscaler, simulateKnative, stepTrace } from '../../../bench/autoscaling/simulate.ts'

const service = { cpuSeconds: 0.003, cores: 2, queueLimit: 256, startSeconds: 6 }

t.test('the same seed gives the same outcome, and another one gives another', async t => {
  const options = (seed: number) => ({ service, trace: stepTrace(150), seed, stepSeconds: 0.1 })
  t.same(simulateHorizontalPodAutoscaler(horizontalPodAutoscaler(), 1, options(3)), simulateHorizontalPodAutoscaler(horizontalPodAutoscaler(), 1, options(3)))
  t.same(simulateKnative(knative(), options(3)), simulateKnative(knative(), options(3)))
  t.not(simulateKnative(knative(), options(3)).answered, simulateKnative(knative(), options(4)).answered)
})

t.test('the settings of the manifests bear a daily wave without a refusal, and with few of them a tenfold step', async t => {
  const day = { service, trace: dailyTrace(1000), seed: 1, stepSeconds: 1 }
  t.equal(simulateHorizontalPodAutoscaler(horizontalPodAutoscaler(), cores().requested, day).refused, 0)
  const step = { service, trace: stepTrace(150), seed: 1, stepSeconds: 0.1 }
  for (const { answered, refused } of [simulateHorizontalPodAutoscaler(horizontalPodAutoscaler(), cores().requested, step), simulateKnative(knative(), step)]) {
    t.ok(refused < answered / 100, `${refused} of ${answered}`)
  }
})

t.test('a target of many requests at once is reached only by pods that are full', async t => {
  const step = { service, trace: stepTrace(150), seed: 1, stepSeconds: 0.1 }
  t.ok(simulateKnative({ ...knative(), target: 16 }, step).refused > 3 * simulateKnative(knative(), step).refused)
})

t.test('the settings are read from the manifests', async t => {
  t.match(horizontalPodAutoscaler(), { minReplicas: 2, maxReplicas: 10, targetUtilization: 0.8, scaleDown: { stabilizationWindowSeconds: 300 } })
  t.same(cores(), { requested: 1, limit: 2 })
  t.match(knative(), { minScale: 0, maxScale: 10, target: 1 })
})
