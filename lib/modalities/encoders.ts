import { imageEncoder } from './image/encode.ts'
import { byModality, type ByModality, type Input } from './kinds.ts'
import type { Encoder } from './modality.ts'
import { tableEncoder } from './table/encode.ts'

// Apart from the other half, since it brings WebAssembly, which the event loop has no use for.
const ENCODERS: ByModality<Encoder> = { image: imageEncoder, table: tableEncoder }

/** The half of the model's modality that runs where the model runs. */
export function encoderOf (input: Input): Encoder {
  return byModality(input, ENCODERS)
}
