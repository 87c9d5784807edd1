import type { Contract } from '../card/contract.ts'
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
 * @throws Error when the output does not match the card, or holds NaN
 */
export function decide (scored: Scored, contract: Contract, k: number): Ranked[] {
  return topK(probabilitiesOf(scored, contract), contract.labels, k)
}

/**
 * The probability of each label, in the order of the card's labels.
 *
 * @throws Error when the output does not match the card
 */
export function probabilitiesOf (scored: Scored, contract: Contract): Float32Array {
  const scores = scoresOf(scored, contract)
  return contract.output.activation === 'softmax' ? softmax(scores) : scores
}

/**
 * The model's output for an input, in the order of the card's labels: logits or probabilities, as the card says.
 *
 * @throws Error when the output does not match the card
 */
export function scoresOf ({ outputs, at }: Scored, { output: { tensor: name }, labels }: Contract): Float32Array {
  const tensor = outputs[name]
  const { length } = labels
  if (tensor?.dtype !== 'float32' || tensor.data.length < (at + 1) * length) {
    throw new Error(`output '${name}' is ${tensor?.dtype} [${tensor?.shape}], not float32 [batch,${length}]`)
  }
  return tensor.data.subarray(at * length, (at + 1) * length)
}
