import { RowUnusable } from '../../errors.ts'
import type { Signature } from '../../tensor.ts'
import { listOf } from '../../list.ts'
import type { Item } from '../kinds.ts'
import type { Modality } from '../modality.ts'
import { blockOf, isNumbers } from './block.ts'
import { columnsOf, exampleOf, tensorsOf } from './columns.ts'
import { rowsFromCsv } from './csv.ts'
import { findExamples } from './examples.ts'
import { explainRow, variationsOf } from './explain.ts'
import type { RowItem, TableInput } from './input.ts'
import { rowOf, valuesOf } from './row.ts'

/** Default for the largest number of admitted rows. It is high, because rows are small and fast. */
const QUEUE_LIMIT = 16_384

/** How many values are written into one block, at once. That takes about 2 milliseconds; more rows stay single ones. */
const BLOCK_LIMIT_VALUES = 262_144

/** How many characters of a row go into an error. */
const QUOTE_LIMIT = 100

/** How many characters of a message of ONNX Runtime go into an error. */
const REASON_LIMIT = 300

/**
 * The table modality, on the event loop. Rows of values need no decoding.
 *
 * @param signature what the ONNX file declares, for the number of axes of a tensor
 */
export function tableModality (input: TableInput, signature?: Signature): Modality {
  const columns = columnsOf(input)
  const isComplete = !columns.some(({ optional }) => optional)
  const tensors = tensorsOf(input, signature).map(({ spec }) => spec)
  const [only, another] = tensors
  const dtype = only && !another && isNumbers(only.dtype) ? only.dtype : null
  return {
    tensors,
    summary: `${columns.length} columns: ${listOf(columns.map(({ name }) => name))}`,
    hasRows: true,
    size: String(columns.length),
    formats: ['JSON', 'CSV'],
    extensions: ['.csv', '.tsv'],
    queueLimit: QUEUE_LIMIT,
    isQuick: true,
    isEven: true,
    prepare: item => rowOf(isComplete ? valuesOf(rowIn(item)) : rowIn(item).map(value => value ?? NaN)),
    block: items => dtype === null || items.length * columns.length > BLOCK_LIMIT_VALUES ? null : blockOf(items.map(rowIn), columns.length, dtype),
    nameOf: (_item, at, count) => count > 1 ? `row ${at + 1}` : 'the row',
    damaged: (_item, reason) => new RowUnusable(reason),
    tooHeavy: (_item, weightBytes, limitBytes) => new RowUnusable(`a row takes ${weightBytes} bytes of memory, over the limit of ${limitBytes}.`),
    ...columns.some(({ family }) => family !== 'float') && {
      // Such as a word that an encoder in the model does not know. Only numbers with a fraction are never looked up.
      refused: (item: Item, reason: string) => new RowUnusable(`the model cannot take the row ${JSON.stringify(item).slice(0, QUOTE_LIMIT)}: ${reason.slice(0, REASON_LIMIT)}`)
    },
    example: () => exampleOf(input),
    fromFile: async (bytes, path) => (await rowsFromCsv(bytes, input)).rows.map((item, at) => ({ item, name: `${path}:${at + 1}` })),
    examples: async (path, labels, labelKey) => await findExamples(path, labels, labelKey, input),
    variations: variationsOf(input),
    explain: async (row, _kept, probability, again) => await explainRow(row, probability, again, input)
  }
}

function rowIn (item: Item): RowItem {
  if (!Array.isArray(item)) throw new Error('the model takes rows, but the input is none')
  return item
}
