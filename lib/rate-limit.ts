/** How many keys are counted at once. Beyond them, the one that was counted the longest ago is forgotten. */
const KEYS_LIMIT = 5000

/** Whether one more is within the limit, and how many whole seconds are left until the count begins anew. */
export interface Counted {
  isWithin: boolean
  retryAfterSeconds: number
}

interface Window {
  count: number
  endsMs: number
}

/**
 * Counts events for each key in windows of time. A window begins with the first event of its key, and the next one with
 * the first event after its end.
 */
export class RateLimit {
  readonly #limit: number
  readonly #windowMs: number
  readonly #keysLimit: number
  readonly #now: () => number
  /** In the order of the last event. */
  readonly #windows = new Map<string, Window>()

  /**
   * @param limit number of events of a key that a window allows
   * @param now a clock in milliseconds that only goes forward
   */
  constructor ({ limit, windowMs, keysLimit = KEYS_LIMIT, now = () => performance.now() }: { limit: number, windowMs: number, keysLimit?: number, now?: () => number }) {
    this.#limit = limit
    this.#windowMs = windowMs
    this.#keysLimit = keysLimit
    this.#now = now
  }

  /** Counts an event of a key. */
  count (key: string): Counted {
    const now = this.#now()
    const known = this.#windows.get(key)
    const window = known && known.endsMs > now ? known : { count: 0, endsMs: now + this.#windowMs }
    window.count++
    this.#windows.delete(key)
    this.#windows.set(key, window)
    if (this.#windows.size > this.#keysLimit) {
      const [oldest = key] = this.#windows.keys()
      this.#windows.delete(oldest)
    }
    return { isWithin: window.count <= this.#limit, retryAfterSeconds: Math.ceil((window.endsMs - now) / 1000) }
  }
}

/** How many whole seconds to wait before the next try, if an error says so in `retryAfterSeconds`. */
export function retryAfterOf (error: unknown): number | undefined {
  return error instanceof Error && 'retryAfterSeconds' in error && typeof error.retryAfterSeconds === 'number' ? error.retryAfterSeconds : undefined
}
