import type { Classifier } from '../../lib/classifier.ts'
import type { TensorSpec } from '../../lib/tensor.ts'
import { datatypeOf } from './datatypes.ts'
import { PLATFORM } from './metadata.ts'

/** A tensor of Triton's model configuration. */
export interface ConfigTensor {
  name: string
  data_type: string
  /** Length of each axis, the batch axis included; -1 means any length. */
  dims: number[]
}

/** Triton's model configuration, as far as it says something of an ONNX model. */
export interface ModelConfig {
  name: string
  platform: string
  backend: string
  /** 0: `dims` include the batch axis. */
  max_batch_size: 0
  input: ConfigTensor[]
  output: ConfigTensor[]
}

/**
 * The model as Triton's configuration describes one.
 *
 * @see https://github.com/triton-inference-server/server/blob/main/docs/protocol/extension_model_configuration.md
 */
export function modelConfig ({ card, signature }: Pick<Classifier, 'card' | 'signature'>): ModelConfig {
  return {
    name: card.name,
    platform: PLATFORM,
    backend: 'onnxruntime',
    max_batch_size: 0,
    input: signature.inputs.map(described),
    output: signature.outputs.map(described)
  }
}

function described ({ name, dtype, shape }: TensorSpec): ConfigTensor {
  return { name, data_type: `TYPE_${dtype === 'string' ? 'STRING' : datatypeOf(dtype)}`, dims: shape.map(length => length ?? -1) }
}
