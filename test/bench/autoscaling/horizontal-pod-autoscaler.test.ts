import t from 'tap'
import { HorizontalPodAutoscalerController, type HorizontalPodAutoscaler } from '../../../bench/autoscaling/horizontal-pod-autoscaler.ts'

// The examples are those of https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/
const free: HorizontalPodAutoscaler = {
  minReplicas: 1,
  maxReplicas: 100,
  targetUtilization: 0.5,
  scaleUp: { stabilizationWindowSeconds: 0, policies: [{ type: 'Percent', value: 100, periodSeconds: 15 }, { type: 'Pods', value: 4, periodSeconds: 15 }] },
  scaleDown: { stabilizationWindowSeconds: 0, policies: [{ type: 'Percent', value: 100, periodSeconds: 15 }] }
}
const decide = (settings: HorizontalPodAutoscaler, replicas: number, utilization: number, ready = replicas) => new HorizontalPodAutoscalerController(settings).decide(0, { replicas, ready, utilization })

t.test('the replicas follow the ratio of the metric to its target', async t => {
  t.equal(decide(free, 4, 1), 8, 'twice the target')
  t.equal(decide(free, 4, 0.25), 2, 'half of it')
  t.equal(decide(free, 4, 0.54), 4, 'within the tolerance of a tenth')
  t.equal(decide(free, 4, 0.46), 4)
  t.equal(decide(free, 3, 0.6), 4, 'rounded up')
  t.equal(decide({ ...free, maxReplicas: 5 }, 4, 1), 5)
  t.equal(decide({ ...free, minReplicas: 3 }, 4, 0.1), 3)
})

t.test('pods that are not ready count as idle when it scales up', async t => {
  t.equal(decide(free, 8, 1, 4), 8, 'those that were ordered are enough')
  t.equal(decide(free, 8, 2, 4), 16)
})

t.test('a policy limits the change in its period', async t => {
  const slow = { ...free, scaleUp: { stabilizationWindowSeconds: 0, policies: [{ type: 'Percent' as const, value: 100, periodSeconds: 30 }] } }
  const controller = new HorizontalPodAutoscalerController(slow)
  t.equal(controller.decide(0, { replicas: 2, ready: 2, utilization: 5 }), 4)
  t.equal(controller.decide(15, { replicas: 4, ready: 4, utilization: 5 }), 4, 'twice of 2 in 30 s is 4')
  t.equal(controller.decide(30, { replicas: 4, ready: 4, utilization: 5 }), 8)
  t.equal(decide(free, 1, 25), 5, 'of two policies the one that lets it go farther counts: 4 pods rather than 100 %')
})

t.test('the window of scaling down keeps the largest recommendation', async t => {
  const controller = new HorizontalPodAutoscalerController({ ...free, scaleDown: { stabilizationWindowSeconds: 300, policies: [{ type: 'Pods', value: 1, periodSeconds: 60 }] } })
  t.equal(controller.decide(0, { replicas: 4, ready: 4, utilization: 0.5 }), 4)
  t.equal(controller.decide(150, { replicas: 4, ready: 4, utilization: 0.1 }), 4)
  t.equal(controller.decide(315, { replicas: 4, ready: 4, utilization: 0.1 }), 3, 'and then one pod a minute')
  t.equal(controller.decide(330, { replicas: 3, ready: 3, utilization: 0.1 }), 3)
  t.equal(controller.decide(375, { replicas: 3, ready: 3, utilization: 0.1 }), 2)
})
