import type { Again, FeatureEffect, Reasons, Row } from '../modality.ts'
import type { TableInput } from './input.ts'
import { rowOf, valuesOf } from './row.ts'

/** Number of values that an explanation tries for each feature. */
export const STEPS = 11

/** Number of variations of a row that an explanation runs the model on. */
export function variationsOf ({ features }: TableInput): number {
  return features.length * STEPS
}

/**
 * Explains the answer to a row: varies one feature after the other and measures the change of the probability.
 *
 * @param probability of the explained label, for the unchanged row
 */
export async function explainRow (row: Row, probability: number, again: Again, input: TableInput): Promise<Reasons> {
  const values = valuesOf('payload' in row.content ? row.content.payload : undefined)
  const probabilities = await again.probabilities(variations(values, input).map(rowOf))
  return { features: effectsOf(values, input, probabilities, probability) }
}

/**
 * Makes variations of a row. Sets one feature after the other to STEPS values over its range in the training data, and
 * keeps all other features.
 *
 * @returns STEPS rows for each feature, in the order of the features
 * @see https://arxiv.org/abs/1309.6392 individual conditional expectation
 */
export function variations (row: number[], { features }: TableInput): number[][] {
  return features.flatMap((feature, at) => stepsOf(feature).map(value => row.with(at, value)))
}

/**
 * The effect of each feature on the probability of the label.
 *
 * @param probabilities probability of the label for each row of `variations`
 * @param original probability of the label for the unchanged row
 */
export function effectsOf (row: number[], { features }: TableInput, probabilities: number[], original: number): FeatureEffect[] {
  return features.map((feature, at) => {
    const curve = stepsOf(feature).map((value, step) => ({ value, probability: probabilities[at * STEPS + step]! }))
    const mean = curve.reduce((sum, { probability }) => sum + probability, 0) / STEPS
    return { name: feature.name, value: row[at]!, importance: Number((original - mean).toFixed(6)), curve }
  })
}

function stepsOf ({ min = 0, max = 1 }: TableInput['features'][number]): number[] {
  return Array.from({ length: STEPS }, (_, step) => Number((min + (max - min) * step / (STEPS - 1)).toPrecision(6)))
}
