import type { Output } from '../lib/sources/progress.ts'

/** How often the bar is drawn. */
const DRAW_MS = 100

/** Width of the bar, in characters. */
const WIDTH = 24

/** A progress bar on the last line of a terminal. On anything else it draws nothing. */
export class Bar {
  readonly #output: Output
  readonly #now: () => number
  #total: number
  #done = 0
  #drawnMs = -Infinity
  #isDrawn = false

  /**
   * @param total how many steps there are
   * @param now the time, in milliseconds
   */
  constructor (output: Output, total: number, now: () => number = () => performance.now()) {
    this.#output = output
    this.#total = total
    this.#now = now
  }

  /** Counts steps that nobody knew of before. */
  add (steps: number): void {
    this.#total += steps
  }

  /** Counts a step that is done. */
  step (): void {
    this.#done++
    if (this.#now() - this.#drawnMs >= DRAW_MS) this.#draw()
  }

  /** Takes the bar away, writes lines where it was, and draws it again. */
  around (write: () => void): void {
    this.clear()
    write()
    if (this.#done < this.#total) this.#draw()
  }

  /** Takes the bar away. */
  clear (): void {
    if (this.#isDrawn) this.#output.write('\r\u001b[K')
    this.#isDrawn = false
  }

  #draw (): void {
    if (!this.#output.isTTY || this.#total < 2) return
    this.#drawnMs = this.#now()
    this.#isDrawn = true
    const filled = Math.floor(this.#done / this.#total * WIDTH)
    const line = `${'█'.repeat(filled)}${'░'.repeat(WIDTH - filled)}  ${this.#done} of ${this.#total}`
    // One column less than there are, for terminals that go to the next line after the last.
    this.#output.write(`\r\u001b[K${line.slice(0, (this.#output.columns || 80) - 1)}`)
  }
}
