import { RowUnusable } from '../../errors.ts'
import type { Item } from '../kinds.ts'
import type { Modality } from '../modality.ts'
import { rowsFromCsv } from './csv.ts'
import { findExamples } from './examples.ts'
import { explainRow, variationsOf } from './explain.ts'
import type { RowItem, TableInput } from './input.ts'
import { rowOf } from './row.ts'

/** Default for the largest number of admitted rows. It is high, because rows are small and fast. */
const QUEUE_LIMIT = 16_384

/** The table modality, on the event loop. Rows of numbers need no decoding. */
export function tableModality (input: TableInput): Modality {
  return {
    tensor: { name: input.tensor ?? '', dtype: input.type ?? 'float32', shape: [null, input.features.length] },
    size: String(input.features.length),
    formats: ['JSON', 'CSV'],
    queueLimit: QUEUE_LIMIT,
    isQuick: true,
    prepare: item => rowOf(rowIn(item).map(Number)),
    nameOf: (_item, at, count) => count > 1 ? `row ${at + 1}` : 'the row',
    damaged: (_item, reason) => new RowUnusable(reason),
    tooHeavy: (_item, weightBytes, limitBytes) => new RowUnusable(`a row takes ${weightBytes} bytes of memory, over the limit of ${limitBytes}.`),
    example: () => input.features.map(({ example = 0 }) => example),
    fromFile: async (bytes, path) => (await rowsFromCsv(bytes, input)).rows.map((item, at) => ({ item, name: `${path}:${at + 1}` })),
    examples: async (path, labels, labelKey) => await findExamples(path, labels, labelKey, input),
    variations: variationsOf(input),
    explain: async (row, _kept, probability, again) => await explainRow(row, probability, again, input)
  }
}

function rowIn (item: Item): RowItem {
  if (!Array.isArray(item)) throw new Error('the model takes rows, but the input is a picture')
  return item
}
