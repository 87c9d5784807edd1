import { modalityOf } from '../modalities/index.ts'
import { checkOutputs } from '../output/signature.ts'
import type { Signature, TensorSpec } from '../tensor.ts'
import type { Contract } from './contract.ts'

/**
 * Checks that the inputs and outputs of a model match its card.
 *
 * @throws Error with all that does not match: the tensor, and what the model and the card say of it
 */
export function checkSignature (signature: Signature, contract: Contract): void {
  const faults = [...tensorFaults(signature.inputs, modalityOf(contract.input, signature).tensors), ...outputFaults(signature.outputs, contract)]
  if (faults.length > 0) throw new Error(faults.join('; '))
}

function tensorFaults (inputs: readonly TensorSpec[], wanted: readonly TensorSpec[]): string[] {
  const faults = wanted.map(spec => tensorFault(inputs, spec)).filter(fault => fault !== null)
  const unused = inputs.filter(({ name }) => !wanted.some(spec => spec.name === name))
  // A name that the model does not have explains one that the card does not use.
  return unused.length > 0 && faults.length === 0 ? [`the card has nothing for the input ${unused.map(({ name }) => `'${name}'`).join(', ')}`] : faults
}

function tensorFault (inputs: readonly TensorSpec[], wanted: TensorSpec): string | null {
  const input = inputs.find(({ name }) => name === wanted.name)
  if (!input) return `has no input '${wanted.name}'; its inputs are ${namesOf(inputs)}`
  if (input.dtype !== wanted.dtype) return `input '${input.name}' is ${input.dtype}, the card says ${wanted.dtype}`
  const [, ...axes] = input.shape
  const [, ...wantedAxes] = wanted.shape
  // A shape without axes is one that the file does not say. A single column may be [batch].
  if (input.shape.length === 0 || (input.shape.length === 1 && wantedAxes.length === 1 && wantedAxes[0] === 1)) return null
  const isOther = axes.length !== wantedAxes.length || axes.some((length, at) => length !== null && length !== wantedAxes[at])
  return isOther ? `input '${input.name}' is ${shapeText(input)}, the card says ${shapeText(wanted)}` : null
}

function outputFaults (outputs: readonly TensorSpec[], contract: Contract): string[] {
  try {
    checkOutputs(outputs, contract)
    return []
  } catch (error) {
    return [error instanceof Error ? error.message : String(error)]
  }
}

function namesOf (specs: readonly TensorSpec[]): string {
  return specs.map(({ name }) => name).join(', ')
}

function shapeText ({ shape }: TensorSpec): string {
  return `[${shape.map((length, at) => length ?? (at === 0 ? 'batch' : 'any'))}]`
}
