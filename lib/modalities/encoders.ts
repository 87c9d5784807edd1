// These are not in index.ts, because the encoders import WebAssembly, which the event loop does not need.
import { imageEncoder } from './image/encode.ts'
import { byModality, type Input } from './kinds.ts'
import type { Encoder } from './modality.ts'
import type { Signature } from '../tensor.ts'
import { tableEncoder } from './table/encode.ts'
import { tensorsEncoder } from './tensors/encode.ts'
import { textEncoder } from './text/encode.ts'

/**
 * The encoder for a model's input: the half of its modality that runs on the same thread as the model.
 *
 * @param signature what the ONNX file declares
 * @param root the folder that holds everything about the model
 */
export function encoderOf (input: Input, signature: Signature, root: string): Encoder | Promise<Encoder> {
  return byModality<Encoder | Promise<Encoder>>(input, { image: imageEncoder, table: input => tableEncoder(input, signature), text: input => textEncoder(input, signature, root), tensors: tensorsEncoder })
}
