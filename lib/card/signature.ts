import { modalityOf } from '../modalities/index.ts'
import { checkOutputs } from '../output/signature.ts'
import type { Signature, TensorSpec } from '../tensor.ts'
import type { Contract } from './contract.ts'

/**
 * Checks that the inputs and outputs of a model match its card.
 *
 * @throws Error that names the wrong tensor, with the model's and the card's data type or shape
 */
export function checkSignature (signature: Signature, contract: Contract): void {
  const { inputs, outputs } = signature
  checkOutputs(outputs, contract)
  const filled = modalityOf(contract.input, signature).tensors
  for (const wanted of filled) checkInput(inputs, wanted)
  const unfilled = inputs.find(({ name }) => !filled.some(tensor => tensor.name === name))
  if (unfilled) throw new Error(`has an input '${unfilled.name}' that the card does not fill; the card fills ${namesOf(filled)}`)
}

function checkInput (inputs: TensorSpec[], wanted: TensorSpec): void {
  const input = inputs.find(({ name }) => name === wanted.name)
  if (!input) throw new Error(`has no input '${wanted.name}'; its inputs are ${namesOf(inputs)}`)
  if (input.dtype !== wanted.dtype) throw new Error(`input '${input.name}' is ${input.dtype}, the card says ${wanted.dtype}`)
  const [, ...axes] = input.shape
  const [, ...wantedAxes] = wanted.shape
  if (input.shape.length !== wanted.shape.length || axes.some((length, at) => length !== null && length !== wantedAxes[at])) {
    throw new Error(`input '${input.name}' is ${shapeText(input)}, the card says ${shapeText(wanted)}`)
  }
}

function namesOf (specs: TensorSpec[]): string {
  return specs.map(({ name }) => name).join(', ')
}

function shapeText ({ shape }: TensorSpec): string {
  return `[${shape.map((length, at) => length ?? (at === 0 ? 'batch' : 'any'))}]`
}
