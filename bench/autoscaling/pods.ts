/** What a request costs, and what a pod can do. */
export interface Service {
  /** Seconds of CPU for one request. */
  cpuSeconds: number
  /** Cores that a pod may use: its limit. */
  cores: number
  /** Requests that a pod admits at once; more are refused. */
  queueLimit: number
  /** Seconds from the decision for a pod to its first request: it is scheduled, started, and found ready. */
  startSeconds: number
}

/** What happened to the requests of a simulation. */
export interface Outcome {
  answered: number
  refused: number
  p50Ms: number
  p99Ms: number
  /** Largest number of pods that took requests. */
  peakPods: number
  /** Hours of all pods, those that start included. */
  podHours: number
}

/** A pseudo-random number from 0 to 1, the same ones for a seed: mulberry32. */
export function randomOf (seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = state + 0x6D2B79F5 >>> 0
    let mixed = Math.imul(state ^ state >>> 15, state | 1)
    mixed = mixed + Math.imul(mixed ^ mixed >>> 7, mixed | 61) ^ mixed
    return ((mixed ^ mixed >>> 14) >>> 0) / 2 ** 32
  }
}

/** Number of arrivals: Poisson, and its normal approximation for a large mean. */
export function arrivalsOf (mean: number, random: () => number): number {
  if (mean > 30) {
    const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
    return Math.max(0, Math.round(mean + Math.sqrt(mean) * normal))
  }
  const limit = Math.exp(-mean)
  let product = random()
  let count = 0
  while (product > limit) {
    product *= random()
    count++
  }
  return count
}

interface Pod {
  readySeconds: number
  /** Requests that it has admitted and not answered. */
  admitted: number
  /** Set when it takes no more requests. */
  isLeaving: boolean
}

/**
 * Pods behind a balancer that gives each request to one of them at random. A pod answers its requests in their order, as
 * fast as its cores allow, and refuses what is over its limit. Times go in steps: a request waits for those before it.
 */
export class Pods {
  readonly #service: Service
  readonly #random: () => number
  readonly #pods: Pod[] = []
  /** Answers by their time: for each bucket, how many. */
  readonly #latencies = new Map<number, number>()
  #answered = 0
  #refused = 0
  #peak = 0
  #podSeconds = 0
  /** Requests that came while no pod was ready: Knative keeps them, a Service of Kubernetes refuses them. */
  #waiting = 0
  readonly #keepsWaiting: boolean

  constructor (service: Service, { pods, seed, keepsWaiting = false }: { pods: number, seed: number, keepsWaiting?: boolean }) {
    this.#service = service
    this.#random = randomOf(seed)
    this.#keepsWaiting = keepsWaiting
    for (let pod = 0; pod < pods; pod++) this.#pods.push({ readySeconds: 0, admitted: 0, isLeaving: false })
  }

  /** Pods that are wanted: those that start are among them. */
  get wanted (): number {
    return this.#pods.filter(({ isLeaving }) => !isLeaving).length
  }

  ready (now: number): number {
    return this.#pods.filter(({ isLeaving, readySeconds }) => !isLeaving && readySeconds <= now).length
  }

  /** Admitted requests of all pods, and those that wait for one. */
  get concurrency (): number {
    return this.#waiting + this.#pods.reduce((sum, { admitted }) => sum + admitted, 0)
  }

  /** Starts or stops pods. The newest ones leave first, as they are the least warm. */
  scaleTo (wanted: number, now: number): void {
    for (let more = this.wanted; more < wanted; more++) this.#pods.push({ readySeconds: now + this.#service.startSeconds, admitted: 0, isLeaving: false })
    for (const pod of this.#pods.toReversed()) if (this.wanted > wanted && !pod.isLeaving) pod.isLeaving = true
  }

  /** Lets requests arrive at a rate for some seconds. Returns the seconds of CPU that the pods used. */
  step (now: number, seconds: number, rate: number): number {
    const { cpuSeconds, cores, queueLimit } = this.#service
    const perSecond = cores / cpuSeconds
    const ready = this.#pods.filter(({ isLeaving, readySeconds }) => !isLeaving && readySeconds <= now)
    this.#peak = Math.max(this.#peak, ready.length)
    this.#podSeconds += this.#pods.length * seconds
    if (ready.length === 0) {
      const arrived = arrivalsOf(rate * seconds, this.#random)
      if (this.#keepsWaiting) this.#waiting += arrived
      else this.#refused += arrived
    }
    const waited = ready.length === 0 ? 0 : this.#waiting / ready.length
    if (ready.length > 0) this.#waiting = 0
    let used = 0
    for (const pod of this.#pods) {
      const arrived = ready.includes(pod) ? arrivalsOf(rate * seconds / ready.length, this.#random) + waited : 0
      const room = Math.max(0, queueLimit + perSecond * seconds - pod.admitted)
      const accepted = Math.min(arrived, room)
      this.#refused += arrived - accepted
      // What arrives over the step waits only as far as the pod falls behind.
      if (accepted > 0) this.#record(accepted, pod.admitted / perSecond + cpuSeconds + Math.max(0, accepted / perSecond - seconds) / 2)
      pod.admitted += accepted
      const done = Math.min(pod.admitted, perSecond * seconds)
      pod.admitted -= done
      used += done * cpuSeconds
    }
    for (const [at, pod] of [...this.#pods.entries()].toReversed()) if (pod.isLeaving && pod.admitted === 0) this.#pods.splice(at, 1)
    return used
  }

  get outcome (): Outcome {
    return {
      answered: Math.round(this.#answered), refused: Math.round(this.#refused), p50Ms: this.#quantileMs(0.5), p99Ms: this.#quantileMs(0.99), peakPods: this.#peak, podHours: this.#podSeconds / 3600
    }
  }

  #record (count: number, seconds: number): void {
    this.#answered += count
    const bucket = Math.round(Math.log(seconds) * BUCKETS_PER_E)
    this.#latencies.set(bucket, (this.#latencies.get(bucket) ?? 0) + count)
  }

  #quantileMs (share: number): number {
    let left = this.#answered * share
    for (const [bucket, count] of [...this.#latencies].sort(([one], [other]) => one - other)) {
      left -= count
      if (left <= 0) return Math.exp(bucket / BUCKETS_PER_E) * 1000
    }
    return 0
  }
}

/** Times within 2 % are one. */
const BUCKETS_PER_E = 50
