import { rowShapeOf } from '../modalities/image/input.ts'
import { byModality, type Input } from '../modalities/kinds.ts'
import type { TableInput } from '../modalities/table/input.ts'
import { checkOutputs } from '../output/signature.ts'
import type { Signature, TensorSpec } from '../tensor.ts'
import type { Contract } from './contract.ts'

/**
 * Checks that the inputs and outputs of a model match its card.
 *
 * @throws Error with all that does not match: the tensor, and what the model and the card say of it
 */
export function checkSignature (signature: Signature, contract: Contract): void {
  const faults = [...inputFaults(signature.inputs, contract.input), ...outputFaults(signature.outputs, contract)]
  if (faults.length > 0) throw new Error(faults.join('; '))
}

function inputFaults (inputs: readonly TensorSpec[], input: Input): string[] {
  return byModality(input, {
    image: input => tensorFaults(inputs, [{ name: input.tensor, dtype: input.type, shape: [null, ...rowShapeOf(input)] }]),
    table: input => {
      const nameless = input.features.filter(feature => (feature.tensor ?? input.tensor) === undefined).map(({ name }) => name)
      return nameless.length > 0 ? [`the features ${nameless.join(', ')} have no 'tensor'`] : tensorFaults(inputs, tensorsOf(input))
    },
    tensors: () => []
  })
}

/** The input tensors of a table: each with the number of its columns. */
function tensorsOf (input: TableInput): TensorSpec[] {
  const tensors = new Map<string, TensorSpec & { columns: number }>()
  for (const feature of input.features) {
    const name = feature.tensor ?? input.tensor ?? ''
    const columns = (tensors.get(name)?.columns ?? 0) + 1
    tensors.set(name, { name, dtype: feature.type ?? input.type ?? 'float32', shape: [null, columns], columns })
  }
  return [...tensors.values()]
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
