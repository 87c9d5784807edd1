import type { Card } from '../lib/card/card.ts'
import { byModality } from '../lib/modalities/kinds.ts'
import { imageWire } from './image/index.ts'
import type { WireModality } from './modality.ts'
import { tableWire } from './table/index.ts'

/** The HTTP side of the model's modality: bodies, answers, documents and the form of the page. */
export function wireOf (card: Card): WireModality {
  return byModality<WireModality>(card.input, {
    image: input => imageWire(card, input),
    table: input => tableWire(card, input),
    tensors: () => { throw new Error('plain tensors cannot be served yet') }
  })
}
