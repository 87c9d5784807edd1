import { HorizontalPodAutoscalerController, SYNC_SECONDS, type HorizontalPodAutoscaler } from './horizontal-pod-autoscaler.ts'
import { KnativeAutoscaler, TICK_SECONDS, type Knative } from './knative.ts'
import { Pods, type Outcome, type Service } from './pods.ts'

/** Requests a second over time. */
export interface Trace {
  name: string
  seconds: number
  rate: (now: number) => number
}

/** Ten times the load from one second to the next, for twenty minutes. */
export function stepTrace (rate: number): Trace {
  return { name: 'tenfold step', seconds: 2700, rate: now => now >= 600 && now < 1800 ? 10 * rate : rate }
}

/** A day: the load swings between a tenth of its peak at night and its peak at noon. */
export function dailyTrace (peak: number): Trace {
  return { name: 'daily wave', seconds: 86_400, rate: now => peak * (0.55 - 0.45 * Math.cos(2 * Math.PI * now / 86_400)) }
}

/** metrics-server measures over this time, and the controller sees it as much later. */
const METRIC_SECONDS = 15

export interface Options {
  service: Service
  trace: Trace
  seed: number
  /** Length of a step of the simulation. */
  stepSeconds: number
}

/** @param requestedCores the CPU that a pod requests: what the utilization is a share of */
export function simulateHorizontalPodAutoscaler (settings: HorizontalPodAutoscaler, requestedCores: number, { service, trace, seed, stepSeconds }: Options): Outcome {
  const pods = new Pods(service, { pods: settings.minReplicas, seed })
  const controller = new HorizontalPodAutoscalerController(settings)
  let used = 0
  let [seen, measured] = [0, 0]
  const steps = Math.round(trace.seconds / stepSeconds)
  const every = (seconds: number) => Math.round(seconds / stepSeconds)
  for (let step = 0; step < steps; step++) {
    const now = step * stepSeconds
    used += pods.step(now, stepSeconds, trace.rate(now)) / Math.max(1, pods.ready(now))
    if ((step + 1) % every(METRIC_SECONDS) === 0) [seen, measured, used] = [measured, used / METRIC_SECONDS / requestedCores, 0]
    if ((step + 1) % every(SYNC_SECONDS) === 0) pods.scaleTo(controller.decide(now, { replicas: pods.wanted, ready: pods.ready(now), utilization: seen }), now)
  }
  return pods.outcome
}

export function simulateKnative (settings: Knative, { service, trace, seed, stepSeconds }: Options): Outcome {
  const pods = new Pods(service, { pods: settings.minScale, seed, keepsWaiting: true })
  const autoscaler = new KnativeAutoscaler(settings)
  let sum = 0
  const steps = Math.round(trace.seconds / stepSeconds)
  const every = Math.round(TICK_SECONDS / stepSeconds)
  for (let step = 0; step < steps; step++) {
    const now = step * stepSeconds
    const rate = trace.rate(now)
    pods.step(now, stepSeconds, rate)
    // Those that were answered within the step were there for the time that each took.
    const capacity = pods.ready(now) * service.cores / service.cpuSeconds
    sum += pods.concurrency + Math.min(rate, capacity) * service.cpuSeconds
    if ((step + 1) % every > 0) continue
    pods.scaleTo(autoscaler.decide(now, { concurrency: sum / every, ready: pods.ready(now) }), now)
    sum = 0
  }
  return pods.outcome
}
