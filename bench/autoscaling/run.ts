import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { medianOf } from '../measured.ts'
import { cores, horizontalPodAutoscaler, knative } from './manifests.ts'
import type { HorizontalPodAutoscaler } from './horizontal-pod-autoscaler.ts'
import type { Knative } from './knative.ts'
import type { Outcome, Service } from './pods.ts'
import { dailyTrace, simulateHorizontalPodAutoscaler, simulateKnative, stepTrace, type Options, type Trace } from './simulate.ts'

/**
 * Simulates the autoscalers of Kubernetes and of Knative with the settings of the manifests, and searches for better ones.
 * The same seed gives the same figures.
 */
const { values } = parseArgs({
  options: {
    out: { type: 'string', default: 'bench/results' },
    seed: { type: 'string', default: '1' },
    /** Requests a second before the step, and at noon. */
    rate: { type: 'string', default: '150' },
    peak: { type: 'string', default: '1500' },
    /** Seconds for a node to take a pod, and for its image, which is there already. */
    schedule: { type: 'string', default: '2' }
  }
})

/** Of a startup probe every two seconds, half; and until every proxy knows the pod. */
const READY_SECONDS = 2

/** A start on one core of a shared node takes as much longer. */
const START_FACTOR = 3

const PHOTO = 'photo of 512 pixels'
const QUEUE_LIMIT = 256
const { requested, limit } = cores()
const service: Service = {
  cpuSeconds: medianOf('Servery', PHOTO, 16, 'cpu') / 1000,
  cores: limit,
  queueLimit: QUEUE_LIMIT,
  startSeconds: Number(values.schedule) + READY_SECONDS + START_FACTOR * medianOf('Servery', PHOTO, 16, 'readyAfter')
}
const seed = Number(values.seed)
const options = (trace: Trace, limitCores: number): Options => ({ service: { ...service, cores: limitCores }, trace, seed, stepSeconds: trace.seconds > 10_000 ? 0.5 : 0.1 })
const traces = [stepTrace(Number(values.rate)), dailyTrace(Number(values.peak))]
const base = horizontalPodAutoscaler()
const onDemand = knative()

const autoscalers: Array<{ settings: string, autoscaler: HorizontalPodAutoscaler }> = [{ settings: 'manifest', autoscaler: base }]
for (const targetUtilization of [0.5, 0.6, 0.7, 0.8, 0.9, 1.2]) {
  for (const [name, policies] of [
    ['+100 % in 30 s', [{ type: 'Percent', value: 100, periodSeconds: 30 }]],
    ['+300 % or 4 pods in 15 s', [{ type: 'Percent', value: 300, periodSeconds: 15 }, { type: 'Pods', value: 4, periodSeconds: 15 }]]
  ] as const) {
    for (const minReplicas of [2, 3]) {
      autoscalers.push({ settings: `${targetUtilization * 100} %, ${name}, at least ${minReplicas}`, autoscaler: { ...base, targetUtilization, minReplicas, scaleUp: { ...base.scaleUp, policies: [...policies] } } })
    }
  }
}
const revisions: Array<{ settings: string, revision: Knative }> = [{ settings: 'manifest', revision: onDemand }]
for (const target of [1, 2, 4, 8, 16, 32, 64]) {
  for (const minScale of [0, 1, 2]) revisions.push({ settings: `${target} at once, at least ${minScale}`, revision: { ...onDemand, target, minScale } })
}

const parts = [
  '# Autoscaling, simulated',
  '',
  `A request is a photo of 512 pixels: ${(service.cpuSeconds * 1000).toFixed(2)} ms of CPU. A pod may use ${limit} cores, requests ${requested}, admits ${QUEUE_LIMIT} requests, and takes its first one ${service.startSeconds.toFixed(1)} s after it is ordered. Seed ${seed}; \`npm run autoscaling\` makes the same figures again.`
]
for (const trace of traces) {
  const rates = trace === traces[0] ? `${values.rate} to ${Number(values.rate) * 10}` : `${Number(values.peak) / 10} to ${values.peak}`
  for (const available of [limit, requested]) {
    parts.push('', `## ${trace.name[0]!.toUpperCase()}${trace.name.slice(1)}, ${rates} requests a second, ${available === limit ? `${limit} cores for a pod` : `a full node: ${requested} core for a pod`}`)
    parts.push('', ...table('HorizontalPodAutoscaler', autoscalers.map(({ settings, autoscaler }) => ({ settings, outcome: simulateHorizontalPodAutoscaler(autoscaler, requested, options(trace, available)) }))))
    parts.push('', ...table('Knative', revisions.map(({ settings, revision }) => ({ settings, outcome: simulateKnative(revision, options(trace, available)) }))))
  }
}
const text = `${parts.join('\n')}\n`
mkdirSync(values.out, { recursive: true })
writeFileSync(join(values.out, 'autoscaling.md'), text)
process.stdout.write(text)

/** The manifest's settings first, then the others: those that refuse the fewest first, and of these the cheapest. */
function table (name: string, rows: Array<{ settings: string, outcome: Outcome }>): string[] {
  const [manifest, ...others] = rows
  const share = ({ refused, answered }: Outcome) => Math.round(1000 * refused / Math.max(1, refused + answered))
  others.sort(({ outcome: one }, { outcome: other }) => share(one) - share(other) || one.podHours - other.podHours)
  return [
    `| ${name} | refused | p50 ms | p99 ms | most pods | pod-hours |`, '|---|---|---|---|---|---|',
    ...[...manifest ? [manifest] : [], ...others].map(({ settings, outcome: { answered, refused, p50Ms, p99Ms, peakPods, podHours } }) => {
      return `| ${settings} | ${(100 * refused / Math.max(1, refused + answered)).toFixed(2)} % | ${p50Ms.toFixed(0)} | ${p99Ms.toFixed(0)} | ${peakPods} | ${podHours.toFixed(1)} |`
    })
  ]
}
