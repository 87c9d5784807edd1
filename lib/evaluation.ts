import type { Ranked } from './output/classify.ts'

/** How well one class is told. Shares of 0 to 1; `null` where there was nothing to divide by. */
export interface ClassScore {
  label: string
  /** Examples of this class. */
  support: number
  precision: number | null
  recall: number | null
  f1: number | null
}

export interface Report {
  examples: number
  top1: number
  /** For six classes or more. */
  top5: number | null
  /** Expected calibration error: how far confidence is from accuracy, on average. */
  ece: number
  classes: ClassScore[]
  /** `confusion[truth][answer]`, in the order of the labels. */
  confusion: number[][]
}

/** Equally wide bins of confidence for the calibration error. */
const BINS = 15

/**
 * Scores answers against the truth.
 *
 * @see https://arxiv.org/abs/1706.04599 for the expected calibration error
 */
export class Evaluation {
  readonly #labels: readonly string[]
  readonly #confusion: number[][]
  readonly #bins = Array.from({ length: BINS }, () => ({ count: 0, confidence: 0, right: 0 }))
  #amongFive = 0

  constructor (labels: readonly string[]) {
    this.#labels = labels
    this.#confusion = labels.map(() => labels.map(() => 0))
  }

  /**
   * Counts one answer.
   *
   * @param truth index of the right label
   * @param top at least five labels, or all there are, most probable first
   */
  add (truth: number, top: Ranked[]): void {
    const [first] = top
    if (!first) throw new Error('an answer without labels')
    this.#confusion[truth]![first.index]!++
    if (top.slice(0, 5).some(({ index }) => index === truth)) this.#amongFive++
    const bin = this.#bins[Math.min(BINS - 1, Math.floor(first.probability * BINS))]!
    bin.count++
    bin.confidence += first.probability
    if (first.index === truth) bin.right++
  }

  report (): Report {
    const examples = this.#bins.reduce((sum, { count }) => sum + count, 0)
    const right = this.#bins.reduce((sum, bin) => sum + bin.right, 0)
    const gaps = this.#bins.reduce((sum, bin) => sum + Math.abs(bin.confidence - bin.right), 0)
    return {
      examples,
      top1: right / examples,
      top5: this.#labels.length > 5 ? this.#amongFive / examples : null,
      ece: gaps / examples,
      classes: this.#labels.map((label, index) => this.#score(label, index)),
      confusion: this.#confusion
    }
  }

  #score (label: string, index: number): ClassScore {
    const hits = this.#confusion[index]![index]!
    const support = this.#confusion[index]!.reduce((sum, count) => sum + count, 0)
    const answered = this.#confusion.reduce((sum, row) => sum + row[index]!, 0)
    return {
      label,
      support,
      precision: share(hits, answered),
      recall: share(hits, support),
      f1: share(2 * hits, support + answered)
    }
  }
}

function share (part: number, whole: number): number | null {
  return whole === 0 ? null : part / whole
}
