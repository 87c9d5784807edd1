import type { Ranked } from './output/classify.ts'

/** Quality of the answers for one class. Values from 0 to 1; `null` where the denominator is 0. */
export interface ClassScore {
  label: string
  /** Number of examples of this class. */
  support: number
  precision: number | null
  recall: number | null
  f1: number | null
}

/** Quality of a model on a data set. Shares are 0 to 1. */
export interface Report {
  /** Number of examples. */
  examples: number
  /** Share of the examples whose most probable label is right. */
  top1: number
  /** Share of the examples with the right label among the five most probable; `null` for fewer than six classes. */
  top5: number | null
  /** Expected calibration error: mean difference between confidence and accuracy, weighted by the examples of each bin. */
  ece: number
  classes: ClassScore[]
  /** `confusion[truth][answer]`, in the order of the labels. */
  confusion: number[][]
}

/** Number of equally wide bins of confidence for the calibration error. */
const BINS = 15

/**
 * Compares answers with the true labels, and computes accuracy, calibration error and the confusion matrix.
 *
 * @see https://arxiv.org/abs/1706.04599 for the expected calibration error
 */
export class Evaluation {
  readonly #labels: readonly string[]
  readonly #confusion: number[][]
  readonly #bins = Array.from({ length: BINS }, () => ({ count: 0, confidence: 0, right: 0 }))
  #top5Hits = 0

  constructor (labels: readonly string[]) {
    this.#labels = labels
    this.#confusion = labels.map(() => labels.map(() => 0))
  }

  /**
   * Adds the answer to one example.
   *
   * @param truth index of the true label
   * @param top at least five labels (or all labels of a smaller model), most probable first
   * @throws Error when `top` is empty
   */
  add (truth: number, top: Ranked[]): void {
    const [first] = top
    if (!first) throw new Error('the answer has no labels')
    this.#confusion[truth]![first.index]!++
    if (top.slice(0, 5).some(({ index }) => index === truth)) this.#top5Hits++
    const bin = this.#bins[Math.min(BINS - 1, Math.floor(first.probability * BINS))]!
    bin.count++
    bin.confidence += first.probability
    if (first.index === truth) bin.right++
  }

  /** The quality on all examples added so far. */
  report (): Report {
    const examples = this.#bins.reduce((sum, { count }) => sum + count, 0)
    const right = this.#bins.reduce((sum, bin) => sum + bin.right, 0)
    const gaps = this.#bins.reduce((sum, bin) => sum + Math.abs(bin.confidence - bin.right), 0)
    return {
      examples,
      top1: right / examples,
      top5: this.#labels.length > 5 ? this.#top5Hits / examples : null,
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
