import type { Card } from '../lib/card/card.ts'
import { byModality } from '../lib/modalities/kinds.ts'
import type { Signature } from '../lib/tensor.ts'
import { imageWire } from './image/index.ts'
import type { WireModality } from './modality.ts'
import { tableWire } from './table/index.ts'
import { tensorsWire } from './tensors/index.ts'
import { textWire } from './text/index.ts'

/**
 * The HTTP side of the model's modality: bodies, answers, documents and the form of the page.
 *
 * @param signature what the ONNX file declares
 */
export function wireOf (card: Card, signature: Signature): WireModality {
  return byModality<WireModality>(card.input, {
    image: input => imageWire(card, input),
    table: input => tableWire(card, input),
    text: input => textWire(card, input),
    tensors: () => tensorsWire(card, signature)
  })
}
