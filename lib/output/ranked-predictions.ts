import { rank, rounded, type Ranked } from './classify.ts'
import type { Prediction, Predictions } from './prediction.ts'
import type { Scores } from './rows.ts'

/**
 * Predictions of the kind `classes` as two lists of numbers. An answer to many rows is written from the numbers: with
 * objects for each row, garbage collection took as long as the model. `at` makes the object of one prediction.
 */
export class RankedPredictions implements Predictions {
  readonly labels: readonly string[]
  readonly length: number
  /** Number of labels of each prediction. */
  readonly k: number
  /** Indices of the labels of all predictions, `k` for each, most probable first. */
  readonly indices: Uint32Array
  /** Their probabilities, rounded, in the same places. */
  readonly probabilities: Float64Array

  constructor (labels: readonly string[], length: number, k: number) {
    this.labels = labels
    this.length = length
    this.k = Math.min(k, labels.length)
    this.indices = new Uint32Array(length * this.k)
    this.probabilities = new Float64Array(length * this.k)
  }

  /**
   * Sets a prediction.
   *
   * @param probabilities of all labels, all finite, from `from` on
   * @param answer index of the label that comes first, whatever its probability is. Default: the most probable one
   */
  set (at: number, probabilities: Scores, from: number, answer?: number): void {
    const start = at * this.k
    rank(probabilities, from, this.labels.length, this.k, this.indices, start, answer)
    for (let place = start; place < start + this.k; place++) this.probabilities[place] = rounded(probabilities[from + this.indices[place]!]!)
  }

  at (index: number): Prediction | undefined {
    if (!(index >= 0 && index < this.length)) return undefined
    const top = Array.from({ length: this.k }, (_, place): Ranked => this.#ranked(index * this.k + place))
    return { kind: 'classes', first: this.#ranked(index * this.k), top }
  }

  slice (start: number, end: number): Prediction[] {
    const some: Prediction[] = []
    for (let index = start; index < Math.min(end, this.length); index++) some.push(this.at(index)!)
    return some
  }

  * [Symbol.iterator] (): Generator<Prediction> {
    for (let index = 0; index < this.length; index++) yield this.at(index)!
  }

  #ranked (place: number): Ranked {
    const index = this.indices[place]!
    return { label: this.labels[index]!, index, probability: this.probabilities[place]! }
  }
}
