/** How fast a HorizontalPodAutoscaler may scale in a direction. */
export interface Policy {
  type: 'Percent' | 'Pods'
  value: number
  periodSeconds: number
}

export interface Behaviour {
  stabilizationWindowSeconds: number
  policies: Policy[]
}

/** The settings of a manifest. */
export interface HorizontalPodAutoscaler {
  minReplicas: number
  maxReplicas: number
  /** Share of the requested CPU, from 0 to 1. */
  targetUtilization: number
  scaleUp: Behaviour
  scaleDown: Behaviour
}

/** Defaults of the controller. @see https://kubernetes.io/docs/reference/command-line-tools-reference/kube-controller-manager/ */
export const SYNC_SECONDS = 15
const TOLERANCE = 0.1

/**
 * The controller's decision: the number of replicas that brings the use of the CPU to its target, within the tolerance, the
 * windows and the policies.
 *
 * @see https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/#algorithm-details
 */
export class HorizontalPodAutoscalerController {
  readonly #settings: HorizontalPodAutoscaler
  readonly #recommended: Array<{ seconds: number, replicas: number }> = []
  readonly #changes: Array<{ seconds: number, change: number }> = []

  constructor (settings: HorizontalPodAutoscaler) {
    this.#settings = settings
  }

  /**
   * @param replicas that are wanted now
   * @param ready of these, how many take requests; the others count as idle when it scales up
   * @param utilization mean share of the requested CPU that the ready ones used
   */
  decide (now: number, { replicas, ready, utilization }: { replicas: number, ready: number, utilization: number }): number {
    const { minReplicas, maxReplicas, scaleUp, scaleDown } = this.#settings
    const desired = this.#desired(replicas, ready, utilization)
    this.#recommended.push({ seconds: now, replicas: desired })
    const since = (seconds: number) => this.#recommended.filter(recommendation => recommendation.seconds >= now - seconds).map(({ replicas }) => replicas)
    // The window of a direction takes its most careful recommendation.
    const least = Math.min(...since(scaleUp.stabilizationWindowSeconds))
    const most = Math.max(...since(scaleDown.stabilizationWindowSeconds))
    const stable = replicas < least ? least : replicas > most ? most : replicas
    const bounded = Math.min(maxReplicas, Math.max(minReplicas, stable))
    const next = bounded > replicas
      ? Math.min(bounded, Math.max(replicas, ...scaleUp.policies.map(policy => this.#limit(policy, replicas, now, 1))))
      : Math.max(bounded, Math.min(replicas, ...scaleDown.policies.map(policy => this.#limit(policy, replicas, now, -1))))
    if (next !== replicas) this.#changes.push({ seconds: now, change: next - replicas })
    return next
  }

  #desired (replicas: number, ready: number, utilization: number): number {
    if (ready === 0) return replicas
    const ratio = utilization / this.#settings.targetUtilization
    if (Math.abs(ratio - 1) <= TOLERANCE) return replicas
    if (ratio < 1 || ready === replicas) return Math.ceil(ratio * ready)
    // Pods that are not ready count as idle, so that they are not ordered twice.
    const careful = utilization * ready / replicas / this.#settings.targetUtilization
    return careful <= 1 + TOLERANCE ? replicas : Math.ceil(careful * replicas)
  }

  /** The farthest that a policy lets it go: from the replicas at the start of the period. */
  #limit ({ type, value, periodSeconds }: Policy, replicas: number, now: number, direction: 1 | -1): number {
    const changed = this.#changes.filter(({ seconds, change }) => seconds > now - periodSeconds && Math.sign(change) === direction).reduce((sum, { change }) => sum + change, 0)
    const before = replicas - changed
    if (type === 'Pods') return before + direction * value
    return direction === 1 ? Math.ceil(before * (1 + value / 100)) : Math.floor(before * (1 - value / 100))
  }
}
