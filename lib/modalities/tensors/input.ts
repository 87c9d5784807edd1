import { Type, type Static } from '../../typebox.ts'
import type { Tensors } from '../../tensor.ts'

/** The card's `input` for plain tensors: the client sends every input tensor of the model itself. */
export const TensorsInputSchema = Type.Object({
  kind: Type.Literal('tensors')
}, { additionalProperties: false })

/** The card's `input` for plain tensors. */
export type TensorsInput = Static<typeof TensorsInputSchema>

/** The input tensors of one input: each has one row, or no batch axis. */
export interface TensorsItem {
  feeds: Tensors
}
