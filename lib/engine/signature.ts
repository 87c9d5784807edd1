import type { InferenceSession } from 'onnxruntime-node'
import type { Contract } from '../card/contract.ts'
import { isDType, type Signature, type TensorSpec } from '../tensor.ts'
import type { Loaded } from './runner.ts'

/** What an ONNX file declares. Sequences and maps, which are no tensors, are left out. */
export function signatureOf ({ inputMetadata, outputMetadata }: InferenceSession): Signature {
  return { inputs: inputMetadata.flatMap(specOf), outputs: outputMetadata.flatMap(specOf) }
}

function specOf (metadata: InferenceSession.ValueMetadata): TensorSpec[] {
  if (!metadata.isTensor || !isDType(metadata.type)) return []
  const { name, type, shape } = metadata
  return [{ name, dtype: type, shape: shape.map(length => typeof length === 'number' && length >= 0 ? length : null) }]
}

/**
 * Which inputs can run together.
 *
 * @returns `stacks` for any tensors, where the first axis of every input and output has the same name; `batches` also for
 *   encoded inputs, where the first axis of the card's input may have any length
 */
export function batchingOf ({ inputMetadata, outputMetadata }: InferenceSession, { input: { tensor } }: Pick<Contract, 'input'>): Pick<Loaded, 'batches' | 'stacks'> {
  const axes = new Set([...inputMetadata, ...outputMetadata].map(metadata => metadata.isTensor ? metadata.shape[0] : undefined))
  const [axis] = axes
  const stacks = axes.size === 1 && typeof axis === 'string' && axis !== ''
  const own = inputMetadata.find(({ name }) => name === tensor)
  return { stacks, batches: stacks || (own?.isTensor === true && typeof own.shape[0] !== 'number') }
}
