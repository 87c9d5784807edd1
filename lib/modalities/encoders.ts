import { imageEncoder } from './image/encode.ts'
import { byModality, type ByModality, type Input } from './kinds.ts'
import type { Encoder } from './modality.ts'
import { tensorsEncoder } from './tensors/encode.ts'
import { tableEncoder } from './table/encode.ts'

// Not in index.ts, because the encoders import WebAssembly, which the event loop does not need.
const ENCODERS: ByModality<Encoder> = { image: imageEncoder, table: tableEncoder, tensors: tensorsEncoder }

/** The encoder for a model's input: the half of its modality that runs on the same thread as the model. */
export function encoderOf (input: Input): Encoder {
  return byModality(input, ENCODERS)
}
