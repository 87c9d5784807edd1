import type { InferenceSession } from 'onnxruntime-node'
import type { Encoder } from '../modalities/modality.ts'
import { isDType, type Signature, type TensorSpec } from '../tensor.ts'
import type { Loaded } from './runner.ts'

/** The inputs and outputs that an ONNX file declares. Leaves out sequences and maps, because they are not tensors. */
export function signatureOf ({ inputMetadata, outputMetadata }: InferenceSession): Signature {
  return { inputs: inputMetadata.flatMap(specOf), outputs: outputMetadata.flatMap(specOf) }
}

function specOf (metadata: InferenceSession.ValueMetadata): TensorSpec[] {
  if (!metadata.isTensor || !isDType(metadata.type)) return []
  const { name, type, shape } = metadata
  return [{ name, dtype: type, shape: shape.map(length => typeof length === 'number' && length >= 0 ? length : null) }]
}

/**
 * Whether the model can run several inputs as one batch.
 *
 * @returns `stacks` (for any tensors): the first axes of all inputs and outputs have the same name; `batches` (for encoded
 *   inputs): `stacks`, or the first axis of no input has a fixed length
 */
export function batchingOf ({ inputMetadata, outputMetadata }: InferenceSession, { hasRows }: Pick<Encoder, 'hasRows'>): Pick<Loaded, 'batches' | 'stacks'> {
  const axes = new Set([...inputMetadata, ...outputMetadata].map(metadata => metadata.isTensor ? metadata.shape[0] : undefined))
  const [axis] = axes
  const stacks = axes.size === 1 && typeof axis === 'string' && axis !== ''
  return { stacks, batches: stacks || (hasRows && inputMetadata.every(metadata => metadata.isTensor && typeof metadata.shape[0] === 'string')) }
}
