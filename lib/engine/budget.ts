/** Lets work begin, in order of arrival, while what it weighs together stays within a limit. */
export class Budget {
  readonly #limit: number
  readonly #waiting: Array<{ weight: number, begin: () => void }> = []
  #spent = 0

  constructor (limit: number) {
    this.#limit = limit
  }

  /**
   * Waits for its turn, works, and gives its weight back. What weighs more than the limit waits until it is alone.
   *
   * @throws what the work throws
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
