import type { Card } from '../../lib/card/card.ts'
import type { TableInput } from '../../lib/modalities/table/input.ts'
import { SMALL_FIELD_BYTES } from '../form.ts'
import type { WireModality } from '../modality.ts'
import { csvAnswer } from '../schemas.ts'
import { Csv, rowsOf } from './body.ts'
import { rowInstances } from './instances.ts'
import { explanationOf, rowBody } from './openapi.ts'
import { tryRows } from './page.ts'
import { rowsOfTensors, rowTensors } from './tensors.ts'

/** The HTTP side of the table modality. Rows come as JSON, as CSV, or as a form with one field for each feature. */
export function tableWire (card: Card, input: TableInput): WireModality {
  return {
    parsers: [{ types: ['text/csv'], read: body => new Csv(body) }],
    accepted: 'application/json, text/csv or multipart/form-data',
    file: 'A CSV file.',
    fileKind: 'csv',
    subject: 'Tabular',
    question: (body, limit) => rowsOf(body, input, limit),
    instances: rowInstances(input),
    itemsOfTensors: (tensors, { limit }) => rowsOfTensors(tensors, input, limit),
    exampleTensors: async () => rowTensors(input),
    // A row as an object has a key and a value for each feature.
    jsonValuesPerInput: 1 + 2 * input.features.length,
    body: async limit => rowBody(input, limit),
    answers: csvAnswer(card),
    explanation: explanationOf(card, input),
    formFieldBytes: SMALL_FIELD_BYTES,
    page: () => tryRows(card, input)
  }
}
