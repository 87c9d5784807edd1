import type { Card } from '../../lib/card/card.ts'
import { RequestInvalid } from '../../lib/errors.ts'
import type { TextInput, TextItem } from '../../lib/modalities/text/input.ts'
import { Type } from '../../lib/typebox.ts'
import type { WireModality } from '../modality.ts'

/** The HTTP side of the text modality. */
export function textWire (_card: Card, _input: TextInput): WireModality {
  return {
    parsers: [{ types: ['text/plain'], read: body => body.toString() }],
    accepted: 'application/json, text/plain, text/csv or multipart/form-data',
    file: 'A text file, or a CSV file with a column `text`.',
    fileKind: 'csv',
    subject: 'Text',
    question: async body => ({ items: [itemOf(body)], isList: false }),
    instances: { read: async list => list.map(itemOf), valuesOf: count => 5 * count, schema: async () => Type.String() },
    itemsOfTensors: async () => null,
    exampleTensors: async () => null,
    jsonValuesPerInput: 5,
    body: async () => ({ content: { 'text/plain': { schema: Type.String() } } }),
    answers: {},
    explanation: { description: 'The effect of each word.', content: {} },
    page: () => ({ pictures: [], scripts: {}, html: () => '' })
  }
}

function itemOf (value: unknown): TextItem {
  if (typeof value === 'string') return { text: value }
  if (value instanceof Object && 'text' in value && typeof value.text === 'string') return { text: value.text }
  throw new RequestInvalid('body is no text.')
}
