import type { RowFault } from '../errors.ts'

/** How many faulty rows an error tells. */
export const FAULT_LIMIT = 100

/** Collects what is wrong with the rows of a file, so that whoever sent it can mend all of them, or leave them out, at once. */
export class RowFaults {
  readonly #faults: RowFault[] = []
  #first: Error | undefined

  /** Notes the fault of a row. @throws as `check`, when there are as many as an error tells */
  add (row: number, error: Error): void {
    this.#first ??= error
    this.#faults.push({ row, message: error.message })
    if (this.#faults.length === FAULT_LIMIT) this.check()
  }

  /** @throws the error of the first faulty row, if there is one, with the list `faults` of all of them */
  check (): void {
    if (this.#first) throw Object.assign(this.#first, { faults: this.#faults })
  }
}
