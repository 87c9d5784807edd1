import type { Tensor, Tensors } from '../../tensor.ts'
import type { Card } from '../card.ts'
import { float16 } from '../onnx/tensor.ts'
import { softmaxAssumed } from './answer.ts'
import { indices } from './labels.ts'
import type { Assumption } from './source.ts'

/** Largest difference of a sum of probabilities from 1: float16 has 3 digits. */
const TOLERANCE = 0.01

/**
 * Settles what the graph does not: what the scores mean, and how many labels there are.
 *
 * Scores whose rows all are from 0 to 1 with the sum 1 are probabilities. If not, and if the model has a label output, the
 * label is the answer, without a probability. Else they are taken as logits, which is an assumption: independent
 * probabilities come from a sigmoid, which the graph shows. One column is a number.
 *
 * @param outputs of a run of several examples. One row could have the sum 1 by chance.
 * @param rows number of examples
 */
export function settleOutput (card: Card, outputs: Tensors, rows: number): { card: Card, assumptions: Assumption[] } {
  const { output } = card
  if (output.kind !== 'classes' && output.kind !== 'labels') return { card, assumptions: [] }
  const tensor = outputs[output.tensor]
  const scores = tensor ? rowsOf(tensor, rows) : []
  const columns = scores[0]?.length ?? 0
  const [named, assumptions] = card.labels.length > 0 || columns === 0 ? [card, []] : withIndices(card, columns)
  if (columns === 0 || output.kind === 'labels' || output.activation === 'softmax' || scores.every(isDistribution)) return { card: named, assumptions }
  const { label, classes, tensor: name } = output
  if (label !== undefined) return { card: { ...named, output: { kind: 'label', label, ...classes && { classes } } }, assumptions }
  if (columns === 1) return { card: { ...card, labels: [], output: { kind: 'value', tensor: name } }, assumptions: [] }
  const logits = { ...softmaxAssumed(''), because: `in ${rows} examples the scores were no probabilities, and no file says what they are` }
  return { card: { ...named, output: { ...output, activation: 'softmax' } }, assumptions: [...assumptions, logits] }
}

function withIndices (card: Card, count: number): [Card, Assumption[]] {
  const { card: { labels }, assumptions } = indices(count)
  return [{ ...card, labels }, assumptions]
}

/** The scores of each row as numbers. */
function rowsOf ({ dtype, data }: Tensor, rows: number): number[][] {
  const numbers = [...data].map(value => dtype === 'float16' ? float16(Number(value)) : Number(value))
  const columns = Math.floor(numbers.length / rows)
  return Array.from({ length: rows }, (_, at) => numbers.slice(at * columns, (at + 1) * columns))
}

function isDistribution (scores: readonly number[]): boolean {
  return scores.every(isShare) && Math.abs(scores.reduce((sum, score) => sum + score, 0) - 1) <= TOLERANCE
}

/** Whether a score is from 0 to 1, but for rounding. */
function isShare (score: number): boolean {
  return score >= -1e-6 && score <= 1 + TOLERANCE
}
