import type { Output } from '../card/output.ts'
import type { Tensors } from '../tensor.ts'
import type { Ranked } from './classify.ts'

/**
 * The answer to one input.
 *
 * - `classes`: the label and those after it, for an output of the kind `classes` or `binary`
 * - `labels`: all labels whose probability reaches the threshold
 * - `label`: a label without a probability
 * - `value`: a number
 * - `tensors`: the output tensors of the input, with their batch axis
 */
export type Prediction =
  | { kind: 'classes', /** The label; the first of `top`. */ first: Ranked, top: Ranked[] }
  | { kind: 'labels', /** The most probable label; the first of `top`. */ first: Ranked, top: Ranked[], /** Most probable first. */ labels: Ranked[] }
  | { kind: 'label', label: string, /** Place in the card's list of labels; `null` if the card has none. */ index: number | null }
  | { kind: 'value', value: number }
  | { kind: 'tensors', outputs: Tensors }

/** The answers to the inputs of a request, in order. */
export interface Predictions extends Iterable<Prediction> {
  readonly length: number
  at: (index: number) => Prediction | undefined
  slice: (start: number, end: number) => readonly Prediction[]
}

/** Names of the output tensors that an answer is made of, or `undefined` for all outputs of the model. */
export function outputsOf (output: Output): string[] | undefined {
  switch (output.kind) {
    case 'classes': return output.label === undefined ? [output.tensor] : [output.tensor, output.label]
    case 'label': return [output.label]
    case 'tensors': return undefined
    default: return [output.tensor]
  }
}

/** Whether the answer has the probabilities of labels, most probable first. */
export function hasProbabilities ({ kind }: Output): boolean {
  return kind === 'classes' || kind === 'binary' || kind === 'labels'
}

/** Whether the answer has a number that an explanation can follow: the probability of a label, or the value. */
export function hasNumber (output: Output): boolean {
  return hasProbabilities(output) || output.kind === 'value'
}
