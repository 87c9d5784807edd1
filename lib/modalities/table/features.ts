import type { TableInput } from '../model/card.ts'

/** Values that each feature is given in turn. */
export const STEPS = 11

/** What one feature did for the answer. */
export interface FeatureEffect {
  name: string
  value: number
  /** The label's probability, less its mean over the feature's range in training. */
  importance: number
  /** The label's probability for values of this feature from one end of its range to the other. */
  curve: Array<{ value: number, probability: number }>
}

/**
 * The row with one feature after the other set to STEPS values over its range in training, all others left alone.
 *
 * @see https://arxiv.org/abs/1309.6392 individual conditional expectation
 */
export function variations (row: number[], { features }: TableInput): number[][] {
  return features.flatMap((feature, at) => valuesOf(feature).map(value => row.with(at, value)))
}

/**
 * What each feature did for the answer.
 *
 * @param probabilities of the label for each row of `variations`
 * @param original its probability for the row itself
 */
export function effectsOf (row: number[], { features }: TableInput, probabilities: number[], original: number): FeatureEffect[] {
  return features.map((feature, at) => {
    const curve = valuesOf(feature).map((value, step) => ({ value, probability: probabilities[at * STEPS + step]! }))
    const mean = curve.reduce((sum, { probability }) => sum + probability, 0) / STEPS
    return { name: feature.name, value: row[at]!, importance: Number((original - mean).toFixed(6)), curve }
  })
}

function valuesOf ({ min, max }: TableInput['features'][number]): number[] {
  return Array.from({ length: STEPS }, (_, step) => Number((min + (max - min) * step / (STEPS - 1)).toPrecision(6)))
}
