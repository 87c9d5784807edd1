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
   * Waits until the weight fits, then calls `work`. Work that weighs more than the limit runs alone.
   *
   * @throws the errors of `work`
   */
  async spend<Result> (weight: number, work: () => Promise<Result>): Promise<Result> {
    const share = Math.min(weight, this.#limit)
    if (this.#waiting.length > 0 || this.#spent + share > this.#limit) {
      await new Promise<void>(resolve => { this.#waiting.push({ weight: share, begin: resolve }) })
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

  #next (): void {
    for (let [first] = this.#waiting; first && this.#spent + first.weight <= this.#limit; [first] = this.#waiting) {
      this.#waiting.shift()
      this.#spent += first.weight
      first.begin()
    }
  }
}
