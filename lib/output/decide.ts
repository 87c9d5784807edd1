import type { Contract } from '../card/contract.ts'
import type { Tensors } from '../tensor.ts'
import { softmax, topK, type Ranked } from './classify.ts'

/** The outputs of a run, and the place of one input in it, along the first axis. */
export interface Scored {
  outputs: Tensors
  at: number
}

/**
 * The `k` most probable labels of an input, most probable first.
 *
 * @throws Error when the output is not what the card says, or holds NaN
 */
export function decide (scored: Scored, contract: Contract, k: number): Ranked[] {
  return topK(probabilitiesOf(scored, contract), contract.labels, k)
}

/**
 * The probability of each label, in the order of the card's labels.
 *
 * @throws Error when the output is not what the card says
 */
export function probabilitiesOf (scored: Scored, contract: Contract): Float32Array {
  const scores = scoresOf(scored, contract)
  return contract.output.activation === 'softmax' ? softmax(scores) : scores
}

/**
 * What the model put out for an input, in the order of the card's labels: logits or probabilities.
 *
 * @throws Error when the output is not what the card says
 */
export function scoresOf ({ outputs, at }: Scored, { output: { tensor: name }, labels }: Contract): Float32Array {
  const tensor = outputs[name]
  const { length } = labels
  if (tensor?.dtype !== 'float32' || tensor.data.length < (at + 1) * length) {
    throw new Error(`output '${name}' is ${tensor?.dtype} [${tensor?.shape}], not float32 [batch,${length}]`)
  }
  return tensor.data.subarray(at * length, (at + 1) * length)
}
