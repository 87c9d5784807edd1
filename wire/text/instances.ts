import type { Card } from '../../lib/card/card.ts'
import type { TextInput } from '../../lib/modalities/text/input.ts'
import type { Instances } from '../modality.ts'
import { textsIn } from './body.ts'
import { textSchema } from './openapi.ts'

/** How many JSON values a text has at most: an object with two keys and two texts. */
export const VALUES_PER_TEXT = 5

/** Texts as instances: each a text, or an object with one. */
export function textInstances (card: Card, input: TextInput): Instances {
  return {
    read: async list => await textsIn(list, input, 'instance'),
    valuesOf: count => count * VALUES_PER_TEXT,
    schema: async () => textSchema(card, input)
  }
}
