/**
 * Limits the total weight of the work in progress. Work that does not fit waits, and starts in order of arrival. The caller
 * chooses the unit of the weights, for example bytes.
 */
export class Budget {
  readonly #limit: number
  readonly #waiting: Array<{ weight: number, begin: () => void }> = []
  #spent = 0

  constructor (limit: number) {
    this.#limit = limit
  }

  /**
   * Waits until the weight fits, then calls `work`. Work that weighs more than the limit runs alone. The weight is spent
   * until the promise of `work` settles.
   *
   * @param signal aborts the waiting, but not the work
   * @throws the errors of `work`
   * @throws the reason of `signal`
   */
  async spend<Result> (weight: number, work: () => Promise<Result>, signal?: AbortSignal): Promise<Result> {
    signal?.throwIfAborted()
    const share = Math.min(weight, this.#limit)
    if (this.#waiting.length > 0 || this.#spent + share > this.#limit) {
      await this.#turn(share, signal)
    } else {
      this.#spent += share
    }
    try {
      return await work()
    } finally {
      this.#spent -= share
      this.#next()
    }
  }

  /** Waits in line. Its weight is spent when the promise resolves. */
  async #turn (weight: number, signal: AbortSignal | undefined): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      const leave = () => {
        this.#waiting.splice(this.#waiting.indexOf(entry), 1)
        // It may have kept lighter work waiting.
        this.#next()
        reject(signal?.reason)
      }
      const entry = {
        weight,
        begin: () => {
          signal?.removeEventListener('abort', leave)
          resolve()
        }
      }
      this.#waiting.push(entry)
      signal?.addEventListener('abort', leave, { once: true })
    })
  }

  #next (): void {
    for (let [first] = this.#waiting; first && this.#spent + first.weight <= this.#limit; [first] = this.#waiting) {
      this.#waiting.shift()
      this.#spent += first.weight
      first.begin()
    }
  }
}
