import type { Prediction } from './output/prediction.ts'

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
  /** Share of the examples whose label is right. */
  top1: number
  /** Share of the examples with the right label among the five most probable; `null` for fewer than six classes, and without probabilities. */
  top5: number | null
  /**
   * Expected calibration error: mean difference between confidence and accuracy, weighted by the examples of each bin; `null`
   * without probabilities.
   */
  ece: number | null
  classes: ClassScore[]
  /** `confusion[truth][answer]`, in the order of the labels. */
  confusion: number[][]
}

/** Quality of a model that answers numbers, on a data set. */
export interface ValueReport {
  /** Number of examples. */
  examples: number
  /** Mean absolute error, in the unit of the value. */
  mae: number
  /** Root of the mean squared error, in the unit of the value. */
  rmse: number
  /** Coefficient of determination, 1 at most; `null` where all true values are equal. */
  r2: number | null
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
  #examples = 0
  #right = 0
  #hasProbabilities = true

  constructor (labels: readonly string[]) {
    this.#labels = labels
    this.#confusion = labels.map(() => labels.map(() => 0))
  }

  /**
   * Adds the answer to one example.
   *
   * @param truth index of the true label
   * @param prediction with at least five labels in `top` (or all labels of a smaller model), or a label without probability
   * @throws Error when the prediction has no single label of the list
   */
  add (truth: number, prediction: Prediction): void {
    const isRanked = prediction.kind === 'classes'
    const index = isRanked ? prediction.first.index : prediction.kind === 'label' ? prediction.index : null
    if (index === null) throw new Error('the answer has no label of the card')
    this.#examples++
    this.#confusion[truth]![index]!++
    if (index === truth) this.#right++
    if (!isRanked) {
      this.#hasProbabilities = false
      return
    }
    const { first: { probability }, top } = prediction
    if (top.slice(0, 5).some(({ index }) => index === truth)) this.#top5Hits++
    const bin = this.#bins[Math.min(BINS - 1, Math.floor(probability * BINS))]!
    bin.count++
    bin.confidence += probability
    if (index === truth) bin.right++
  }

  /** The quality on all examples added so far. */
  report (): Report {
    const gaps = this.#bins.reduce((sum, bin) => sum + Math.abs(bin.confidence - bin.right), 0)
    return {
      examples: this.#examples,
      top1: this.#right / this.#examples,
      top5: this.#hasProbabilities && this.#labels.length > 5 ? this.#top5Hits / this.#examples : null,
      ece: this.#hasProbabilities ? gaps / this.#examples : null,
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

/**
 * Compares numbers with the true ones.
 *
 * @see https://scikit-learn.org/stable/modules/model_evaluation.html#regression-metrics for the measures
 */
export class ValueEvaluation {
  readonly #truths: number[] = []
  #absolute = 0
  #squared = 0

  /** Adds the answer to one example. */
  add (truth: number, value: number): void {
    this.#truths.push(truth)
    this.#absolute += Math.abs(value - truth)
    this.#squared += (value - truth) ** 2
  }

  /** The quality on all examples added so far. */
  report (): ValueReport {
    const { length } = this.#truths
    const mean = this.#truths.reduce((sum, truth) => sum + truth, 0) / length
    const spread = this.#truths.reduce((sum, truth) => sum + (truth - mean) ** 2, 0)
    return { examples: length, mae: this.#absolute / length, rmse: Math.sqrt(this.#squared / length), r2: spread === 0 ? null : 1 - this.#squared / spread }
  }
}

function share (part: number, whole: number): number | null {
  return whole === 0 ? null : part / whole
}
