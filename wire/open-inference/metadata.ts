import type { Classifier } from '../../lib/classifier.ts'
import { VERSION } from '../../lib/project.ts'
import type { TensorSpec } from '../../lib/tensor.ts'
import { datatypeOf, type Datatype } from './datatypes.ts'

/** The extensions of the protocol, by Triton's names for them. */
const EXTENSIONS = ['classification', 'model_repository', 'model_configuration', 'binary_tensor_data', 'parameters', 'statistics']

/** The protocol's name for models that ONNX Runtime runs. */
export const PLATFORM = 'onnx_onnxv1'

/** What a client is told about an input or an output. */
export interface TensorMetadata {
  name: string
  datatype: Datatype
  /** Length of each axis; -1 means any length. */
  shape: number[]
}

/** What a client is told about the model. */
export interface ModelMetadata {
  name: string
  versions: string[]
  platform: string
  inputs: TensorMetadata[]
  outputs: TensorMetadata[]
}

/** What a client is told about the service. */
export function serverMetadata (): { name: string, version: string, extensions: string[] } {
  return { name: 'servery', version: VERSION, extensions: [...EXTENSIONS] }
}

/** What a client is told about the model: the tensors that its file declares. */
export function modelMetadata ({ card, signature }: Pick<Classifier, 'card' | 'signature'>): ModelMetadata {
  return {
    name: card.name,
    versions: [card.version],
    platform: PLATFORM,
    inputs: signature.inputs.map(described),
    outputs: signature.outputs.map(described)
  }
}

function described ({ name, dtype, shape }: TensorSpec): TensorMetadata {
  return { name, datatype: datatypeOf(dtype), shape: shape.map(length => length ?? -1) }
}
