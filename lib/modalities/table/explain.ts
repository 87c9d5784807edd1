import type { Again, FeatureEffect, Reasons, Row } from '../modality.ts'
import { columnsOf, type Column } from './columns.ts'
import type { TableInput } from './input.ts'
import { rowOf, valuesOf, type PlainValue } from './row.ts'

/** Number of values that an explanation tries for a feature with a range. */
export const STEPS = 11

/** How many of the known values of a feature an explanation tries. */
const KNOWN_LIMIT = 32

const STEPS_OF = new WeakMap<Column, PlainValue[]>()

/** Number of variations of a row that an explanation runs the model on. */
export function variationsOf (input: TableInput): number {
  return columnsOf(input).reduce((sum, column) => sum + stepsOf(column).length, 0)
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
 * Makes variations of a row. Sets one feature after the other to STEPS values over its range in the training data, or to
 * each value that the model knows, and keeps all other features. A feature without a range and known values stays.
 *
 * @returns the variations of each feature, in the order of the features
 * @see https://arxiv.org/abs/1309.6392 individual conditional expectation
 */
export function variations (row: PlainValue[], input: TableInput): PlainValue[][] {
  return columnsOf(input).flatMap((column, at) => stepsOf(column).map(value => row.with(at, value)))
}

/**
 * The effect of each varied feature on the probability of the label.
 *
 * @param probabilities probability of the label for each row of `variations`
 * @param original probability of the label for the unchanged row
 */
export function effectsOf (row: PlainValue[], input: TableInput, probabilities: number[], original: number): FeatureEffect[] {
  let next = 0
  return columnsOf(input).flatMap((column, at) => {
    const curve = stepsOf(column).map(value => ({ value, probability: probabilities[next++]! }))
    if (curve.length === 0) return []
    const mean = curve.reduce((sum, { probability }) => sum + probability, 0) / curve.length
    const value = row[at]!
    return [{ name: column.name, value: Number.isNaN(value) ? null : value, importance: Number((original - mean).toFixed(6)), curve }]
  })
}

/** The values to try for a feature; none if neither its range nor its values are known. */
export function stepsOf (column: Column): PlainValue[] {
  const made = STEPS_OF.get(column)
  if (made) return made
  const steps = makeSteps(column)
  STEPS_OF.set(column, steps)
  return steps
}

function makeSteps ({ family, values, min, max }: Column): PlainValue[] {
  if (values) return values.slice(0, KNOWN_LIMIT)
  if (family === 'bool') return [false, true]
  if (min === undefined || max === undefined) return []
  const steps = Array.from({ length: STEPS }, (_, step) => Number((min + (max - min) * step / (STEPS - 1)).toPrecision(6)))
  return family === 'integer' ? [...new Set(steps.map(Math.round))] : steps
}
