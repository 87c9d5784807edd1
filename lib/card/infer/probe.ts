import type { Tensors } from '../../tensor.ts'
import type { Card } from '../card.ts'
import type { Assumption } from './source.ts'

export function settleOutput (card: Card, _outputs: Tensors, _rows: number): { card: Card, assumptions: Assumption[] } {
  return { card, assumptions: [] }
}
