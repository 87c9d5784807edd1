import type { Contract } from '../card/contract.ts'
import { AnswerNotFinite } from '../errors.ts'
import type { Tensors } from '../tensor.ts'
import { softmax, topK, type Ranked } from './classify.ts'

/** The outputs for one input: one row of the outputs of its batch. */
export interface Scored {
  /** Outputs of the whole batch. */
  outputs: Tensors
  /** Row of the input along the first axis. */
  at: number
}

/**
 * The `k` most probable labels of an input, most probable first.
 *
 * @param nameOf makes the name of the input for error messages
 * @throws the errors of `probabilitiesOf`
 */
export function decide (scored: Scored, contract: Contract, k: number, nameOf: () => string): Ranked[] {
  return topK(probabilitiesOf(scored, contract, nameOf), contract.labels, k)
}

/**
 * The probability of each label, in the order of the card's labels.
 *
 * @param nameOf makes the name of the input for error messages
 * @throws AnswerNotFinite when a probability is NaN or infinite, as after an overflow in the model
 * @throws Error when the output does not match the card
 */
export function probabilitiesOf (scored: Scored, contract: Contract, nameOf: () => string): Float32Array {
  const { output } = contract
  if (output.kind !== 'classes') throw new Error(`cannot answer ${output.kind} yet`)
  const { tensor, activation } = output
  const scores = scoresOf(scored, contract)
  const probabilities = activation === 'softmax' ? softmax(scores) : scores
  if (probabilities.every(Number.isFinite)) return probabilities
  // Softmax turns a logit of -Infinity into the probability 0, so other scores are at fault if there are any.
  throw new AnswerNotFinite(nameOf(), scores.find(score => Number.isNaN(score) || score === Infinity) ?? -Infinity, tensor)
}

/**
 * The model's output for an input, in the order of the card's labels: logits or probabilities, as the card says.
 *
 * @throws Error when the output does not match the card
 */
export function scoresOf ({ outputs, at }: Scored, { output, labels }: Contract): Float32Array {
  const name = 'tensor' in output ? output.tensor : ''
  const tensor = outputs[name]
  const { length } = labels
  if (tensor?.dtype !== 'float32' || tensor.data.length < (at + 1) * length) {
    throw new Error(`output '${name}' is ${tensor?.dtype} [${tensor?.shape}], not float32 [batch,${length}]`)
  }
  return tensor.data.subarray(at * length, (at + 1) * length)
}
