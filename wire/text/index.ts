import type { Card } from '../../lib/card/card.ts'
import type { TextInput } from '../../lib/modalities/text/input.ts'
import type { WireModality } from '../modality.ts'
import { csvAnswer } from '../schemas.ts'
import { CsvTexts, PlainText, textsOf } from './body.ts'
import { textInstances, VALUES_PER_TEXT } from './instances.ts'
import { explanationOf, textBody } from './openapi.ts'
import { tryTexts } from './page.ts'
import { textsOfTensors, textTensors } from './tensors.ts'

/** The HTTP side of the text modality. Texts come as JSON, as plain text, as CSV, or as a form with a field or a file. */
export function textWire (card: Card, input: TextInput): WireModality {
  return {
    parsers: [
      { types: ['text/plain'], read: (body, contentType) => new PlainText(body, contentType) },
      { types: ['text/csv'], read: body => new CsvTexts(body) }
    ],
    accepted: 'application/json, text/plain, text/csv or multipart/form-data',
    file: 'A text file, or a CSV file with a column `text`.',
    fileKind: 'csv',
    subject: 'Text',
    question: (body, limit) => textsOf(body, input, limit),
    instances: textInstances(card, input),
    itemsOfTensors: (tensors, { limit }) => textsOfTensors(tensors, input, limit),
    readsOwnTensors: input.tensor !== undefined,
    exampleTensors: async () => textTensors(card, input),
    jsonValuesPerInput: VALUES_PER_TEXT,
    body: async limit => textBody(card, input, limit),
    answers: csvAnswer(card),
    explanation: explanationOf(card, input),
    // A field may hold as much as a whole body: the text itself has a limit of its own.
    formFieldBytes: Infinity,
    page: ({ characters }) => tryTexts(card, input, characters)
  }
}
