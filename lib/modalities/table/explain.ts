import type { Again, FeatureEffect, Reasons, Row } from '../modality.ts'
import type { TableInput } from './input.ts'
import { rowOf, valuesOf } from './row.ts'

/** Values that each feature is given in turn. */
export const STEPS = 11

/** How many rows an explanation asks about. */
export function variationsOf ({ features }: TableInput): number {
  return features.length * STEPS
}

/** What each feature did for the answer to a row. */
export async function explainRow (row: Row, probability: number, again: Again, input: TableInput): Promise<Reasons> {
  const values = valuesOf('payload' in row.content ? row.content.payload : undefined)
  const probabilities = await again.probabilities(variations(values, input).map(rowOf))
  return { features: effectsOf(values, input, probabilities, probability) }
}

/**
 * The row with one feature after the other set to STEPS values over its range in training, all others left alone.
 *
 * @see https://arxiv.org/abs/1309.6392 individual conditional expectation
 */
export function variations (row: number[], { features }: TableInput): number[][] {
  return features.flatMap((feature, at) => stepsOf(feature).map(value => row.with(at, value)))
}

/**
 * What each feature did for the answer.
 *
 * @param probabilities of the label for each row of `variations`
 * @param original its probability for the row itself
 */
export function effectsOf (row: number[], { features }: TableInput, probabilities: number[], original: number): FeatureEffect[] {
  return features.map((feature, at) => {
    const curve = stepsOf(feature).map((value, step) => ({ value, probability: probabilities[at * STEPS + step]! }))
    const mean = curve.reduce((sum, { probability }) => sum + probability, 0) / STEPS
    return { name: feature.name, value: row[at]!, importance: Number((original - mean).toFixed(6)), curve }
  })
}

function stepsOf ({ min, max }: TableInput['features'][number]): number[] {
  return Array.from({ length: STEPS }, (_, step) => Number((min + (max - min) * step / (STEPS - 1)).toPrecision(6)))
}
