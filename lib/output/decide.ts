import type { Contract } from '../card/contract.ts'
import { AnswerNotFinite } from '../errors.ts'
import { rounded, sigmoid, softmax, topK, type Ranked } from './classify.ts'
import type { Prediction } from './prediction.ts'
import type { RankedPredictions } from './ranked-predictions.ts'
import { matrixOf, numberOf, ownLabelOf, scoresOf, type Scored, type Scores } from './rows.ts'

/** Least probability of a label among several, when the card sets no `threshold`. */
const THRESHOLD = 0.5

/**
 * The answer to an input, as the card's `output` says.
 *
 * @param k number of labels of `top`, most probable first
 * @param nameOf makes the name of the input for error messages
 * @throws AnswerNotFinite when a probability or the value is NaN or infinite, as after an overflow in the model
 * @throws Error when the outputs do not match the card
 */
export function decide (scored: Scored, contract: Contract, k: number, nameOf: () => string): Prediction {
  const { output, labels } = contract
  switch (output.kind) {
    case 'classes':
    case 'binary': {
      const top = topK(probabilitiesOf(scored, contract, nameOf), labels, k, ownIndexOf(scored, contract))
      return { kind: 'classes', first: firstOf(top), top }
    }
    case 'labels': {
      const probabilities = probabilitiesOf(scored, contract, nameOf)
      const top = topK(probabilities, labels, k)
      return { kind: 'labels', first: firstOf(top), top, labels: labelsOver(output.threshold ?? THRESHOLD, probabilities, labels) }
    }
    case 'label': return { kind: 'label', ...ownLabelOf(scored, output.label, output.classes, contract) }
    case 'value': return { kind: 'value', value: valueOf(scored, output.tensor, nameOf) }
    case 'tensors': return { kind: 'tensors', outputs: scored.outputs }
  }
}

/** Sets one of many predictions of the kind `classes` to what `decide` returns. @throws the errors of `decide` */
export function decideRanked (predictions: RankedPredictions, place: number, scored: Scored, contract: Contract, nameOf: () => string): void {
  const { output, labels: { length } } = contract
  const own = ownIndexOf(scored, contract)
  if (output.kind === 'classes' && output.activation === 'none' && scored.outputs[output.tensor]?.dtype !== 'float16') {
    const matrix = matrixOf(scored, output.tensor, length)
    if (isFinite(matrix, scored.at * length, length)) return predictions.set(place, matrix, scored.at * length, own)
  }
  predictions.set(place, probabilitiesOf(scored, contract, nameOf), 0, own)
}

/** Index of the label that the model itself gives to an input, if it has such an output. */
function ownIndexOf (scored: Scored, contract: Contract): number | undefined {
  const { output } = contract
  if (output.kind !== 'classes' || output.label === undefined) return undefined
  return ownLabelOf(scored, output.label, output.classes, contract).index ?? undefined
}

function isFinite (scores: Scores, from: number, count: number): boolean {
  for (let at = from; at < from + count; at++) if (!Number.isFinite(scores[at])) return false
  return true
}

/**
 * The probability of each label, in the order of the card's labels.
 *
 * @param nameOf makes the name of the input for error messages
 * @throws AnswerNotFinite when a probability is NaN or infinite, as after an overflow in the model
 * @throws Error when the output does not match the card, or has no probabilities
 */
export function probabilitiesOf (scored: Scored, { output, labels }: Contract, nameOf: () => string): Scores {
  if (output.kind !== 'classes' && output.kind !== 'binary' && output.kind !== 'labels') throw new Error(`an output of the kind '${output.kind}' has no probabilities`)
  const scores = scoresOf(scored, output.tensor, output.kind === 'binary' ? 1 : labels.length)
  const probabilities = activated(scores, output.activation)
  // Softmax turns a logit of -Infinity into the probability 0, so other scores are at fault if there are any.
  if (!probabilities.every(Number.isFinite)) throw new AnswerNotFinite(nameOf(), scores.find(score => Number.isNaN(score) || score === Infinity) ?? -Infinity, output.tensor)
  return output.kind === 'binary' ? Float64Array.of(1 - probabilities[0]!, probabilities[0]!) : probabilities
}

/**
 * The number of an answer that an explanation follows: the probability of a label, or the value.
 *
 * @param index of the label; not used for a value
 * @throws the errors of `decide`
 */
export function followedNumber (scored: Scored, contract: Contract, index: number, nameOf: () => string): number {
  const { output } = contract
  return output.kind === 'value' ? valueOf(scored, output.tensor, nameOf) : rounded(probabilitiesOf(scored, contract, nameOf)[index]!)
}

function activated (scores: Scores, activation: 'none' | 'softmax' | 'sigmoid'): Scores {
  switch (activation) {
    case 'none': return scores
    case 'softmax': return softmax(scores)
    case 'sigmoid': return sigmoid(scores)
  }
}

function valueOf (scored: Scored, tensor: string, nameOf: () => string): number {
  const value = numberOf(scored, tensor)
  if (!Number.isFinite(value)) throw new AnswerNotFinite(nameOf(), value, tensor)
  return value
}

/** The labels that reach the threshold, most probable first. */
function labelsOver (threshold: number, probabilities: Scores, labels: readonly string[]): Ranked[] {
  // A model of float32 compares with the nearest float32, which may be smaller than the threshold.
  const least = probabilities instanceof Float32Array ? Math.fround(threshold) : threshold
  const over: number[] = []
  probabilities.forEach((probability, index) => { if (probability >= least) over.push(index) })
  return over.sort((one, other) => probabilities[other]! - probabilities[one]!).map(index => ({ label: labels[index]!, index, probability: rounded(probabilities[index]!) }))
}

function firstOf (top: Ranked[]): Ranked {
  const first = top[0]
  if (!first) throw new Error('the answer has no labels')
  return first
}
