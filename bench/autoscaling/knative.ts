/** The settings of a revision of Knative. */
export interface Knative {
  minScale: number
  maxScale: number
  /** Requests at once that one pod shall have. */
  target: number
  /** Share of the target that is aimed at, from 0 to 1. */
  targetUtilization: number
  windowSeconds: number
  /** Share of the window that the panic window has, from 0 to 1. */
  panicWindow: number
  /** How many times its share the load must be for a panic. */
  panicThreshold: number
}

/** Defaults of Knative. @see https://knative.dev/docs/serving/autoscaling/kpa-specific/ */
export const KNATIVE: Omit<Knative, 'minScale' | 'maxScale' | 'target'> = { targetUtilization: 0.7, windowSeconds: 60, panicWindow: 0.1, panicThreshold: 2 }
export const TICK_SECONDS = 2
const MAX_SCALE_UP_RATE = 1000
const MAX_SCALE_DOWN_RATE = 2
const SCALE_TO_ZERO_GRACE_SECONDS = 30

/**
 * Knative's autoscaler: as many pods as bring the requests at once to the target, over a stable window; over a short window
 * when the load has doubled. In a panic it never scales down.
 *
 * @see https://github.com/knative/serving/blob/main/pkg/autoscaler/scaling/autoscaler.go
 */
export class KnativeAutoscaler {
  readonly #settings: Knative
  readonly #samples: Array<{ seconds: number, concurrency: number }> = []
  #panicSince: number | null = null
  #panicPods = 0
  #idleSince: number | null = null

  constructor (settings: Knative) {
    this.#settings = settings
  }

  /**
   * @param concurrency requests at once in all pods, and before them
   * @param ready pods that take requests
   */
  decide (now: number, { concurrency, ready }: { concurrency: number, ready: number }): number {
    const { minScale, maxScale, target, targetUtilization, windowSeconds, panicWindow, panicThreshold } = this.#settings
    this.#samples.push({ seconds: now, concurrency })
    while ((this.#samples[0]?.seconds ?? now) <= now - windowSeconds) this.#samples.shift()
    const meanSince = (seconds: number) => {
      const recent = this.#samples.filter(sample => sample.seconds > now - seconds)
      return recent.reduce((sum, { concurrency }) => sum + concurrency, 0) / Math.max(1, recent.length)
    }
    const podsFor = (mean: number) => {
      const wanted = Math.ceil(mean / (target * targetUtilization))
      return Math.min(Math.max(wanted, Math.floor(ready / MAX_SCALE_DOWN_RATE)), Math.max(1, ready) * MAX_SCALE_UP_RATE)
    }
    const [stable, panic] = [podsFor(meanSince(windowSeconds)), podsFor(meanSince(windowSeconds * panicWindow))]
    if (panic / Math.max(1, ready) >= panicThreshold) this.#panicSince = now
    else if (this.#panicSince !== null && now - this.#panicSince > windowSeconds) this.#panicSince = null
    this.#panicPods = this.#panicSince === null ? 0 : Math.max(this.#panicPods, panic, ready)
    const wanted = Math.min(maxScale, Math.max(minScale, this.#panicSince === null ? stable : this.#panicPods))
    // The last pod leaves only after a grace.
    this.#idleSince = wanted === 0 ? this.#idleSince ?? now : null
    return wanted === 0 && now - (this.#idleSince ?? now) < SCALE_TO_ZERO_GRACE_SECONDS && ready > 0 ? 1 : wanted
  }
}
