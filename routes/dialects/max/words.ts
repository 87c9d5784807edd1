import type { Card } from '../../../lib/card/card.ts'
import { titleOf } from '../../../wire/home.ts'
import type { WireModality } from '../../../wire/modality.ts'

/** What MAX says about a model. Each is a text: empty where nothing is known. */
export interface Words {
  id: string
  name: string
  description: string
  type: string
  source: string
  license: string
}

/** The metadata of a model: MAX's own words from the card, or else what the card says for everybody. */
export function wordsOf (card: Card, { subject }: Pick<WireModality, 'subject'>): Words {
  const { name, about: { max = {}, description = '', licence = '' } = {} } = card
  return {
    id: max.id ?? name,
    name: max.name ?? titleOf(card),
    description: max.description ?? description,
    type: max.type ?? typeOf(card, subject),
    source: max.source ?? '',
    license: max.license ?? licence
  }
}

/** The title of the Swagger document. */
export function swaggerTitleOf (card: Card): string {
  return card.about?.max?.title ?? titleOf(card)
}

/** What the model does, in the words of MAX: empty if neither its input nor its output tells. */
function typeOf ({ output }: Card, subject: string): string {
  if (subject === '' || output.kind === 'tensors') return ''
  return `${subject} ${output.kind === 'value' ? 'Regression' : 'Classification'}`
}
