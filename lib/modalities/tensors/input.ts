import { Type, type Static } from '../../typebox.ts'
import type { Tensors } from '../../tensor.ts'

/** The card's `input` for plain tensors: the client sends every input tensor of the model itself. */
export const TensorsInputSchema = Type.Object({
  kind: Type.Literal('tensors')
}, { additionalProperties: false })

/** The card's `input` for plain tensors. */
export type TensorsInput = Static<typeof TensorsInputSchema>

/** One input: every input tensor of the model, with all axes that the model declares. */
export interface TensorsItem {
  feeds: Tensors
}
