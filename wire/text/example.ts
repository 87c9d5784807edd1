import type { Card } from '../../lib/card/card.ts'
import type { TextInput, TextItem } from '../../lib/modalities/text/input.ts'

/** A text for a model whose card has none. */
const TEXT = 'The food was good, but we waited long for a table.'

/** A second text, for a model that compares two. */
const PAIR = 'We got a table at once.'

/** The texts of the golden samples. */
export function samplesOf ({ samples = [] }: Card): Array<TextItem & { label?: string | undefined }> {
  return samples.flatMap(sample => 'text' in sample ? [sample] : [])
}

/** A text that the model takes, for documents. */
export function exampleOf (card: Card, { example = TEXT, pair }: TextInput): TextItem {
  const [sample] = samplesOf(card)
  if (sample) return { text: sample.text, ...sample.pair !== undefined && { pair: sample.pair } }
  return { text: example, ...pair && { pair: PAIR } }
}
