import { BodyMissing, RequestInvalid, TooManyInputs } from '../../lib/errors.ts'
import { rowsFromCsv } from '../../lib/modalities/table/csv.ts'
import type { RowItem, TableInput } from '../../lib/modalities/table/input.ts'
import { isPlainRow, rowFromFields, rowFromJson } from '../../lib/modalities/table/values.ts'
import { nextTurn } from '../../lib/turn.ts'
import { Form } from '../form.ts'
import type { Question } from '../modality.ts'

/** How many values to read from JSON in one turn of the event loop. That takes about 2 milliseconds. */
const VALUES_PER_TURN = 16_384

/** A body of the type text/csv. */
export class Csv {
  readonly bytes: Uint8Array

  constructor (bytes: Uint8Array) {
    this.bytes = bytes
  }
}

/**
 * Reads the rows from a parsed body. The body is one of:
 *
 * - JSON: a list of values, an object of values by feature name, a list of these, or `{"instances": […]}`
 * - CSV
 * - a form with one field for each feature, or with a CSV file
 *
 * @param limit largest number of rows; checked before the values are read
 * @throws BodyMissing, BodyMalformed, RequestInvalid, RowUnusable, TooManyInputs
 */
export async function rowsOf (body: unknown, input: TableInput, limit: number): Promise<Question> {
  if (body === undefined || body === null) throw new BodyMissing('send a row as JSON, or rows as CSV')
  if (body instanceof Csv) return await tableOf(body.bytes, input, limit)
  if (body instanceof Form) {
    const [file, another] = body.files
    if (!file) return one(rowFromFields(body.fields, 'the form', input))
    if (another || body.fields.size > 0) throw new RequestInvalid('the form has more than one CSV file, or a file and fields; send one or the other.')
    return await tableOf(file.bytes, input, limit)
  }
  const list = listIn(body)
  if (!list) return one(rowFromJson(body, 'the row', input))
  if (list.length === 0) throw new RequestInvalid("'instances' is an empty list.")
  if (list.length > limit) throw new TooManyInputs(limit)
  return { items: await rowsIn(list, input, 'row'), isList: true }
}

/**
 * Reads rows from a list of JSON values: a long one in pieces, so that the event loop stays free.
 *
 * @param called what to call a row in error messages, before its number
 * @throws RowUnusable that names the row and the features
 */
export async function rowsIn (list: readonly unknown[], input: TableInput, called: string): Promise<RowItem[]> {
  const rowsPerTurn = Math.ceil(VALUES_PER_TURN / input.features.length)
  const items: RowItem[] = []
  for (const value of list) {
    items.push(isPlainRow(value, input) ? value : rowFromJson(value, `${called} ${items.length + 1}`, input))
    if (items.length % rowsPerTurn === 0) await nextTurn()
  }
  return items
}

/** The list of rows in JSON, or `undefined` if the JSON is a single row. */
function listIn (body: unknown): unknown[] | undefined {
  if (Array.isArray(body)) return body.some(value => typeof value === 'object' && value !== null) ? body : undefined
  if (!(body instanceof Object && 'instances' in body && Array.isArray(body.instances))) return undefined
  const extra = Object.keys(body).find(key => key !== 'instances')
  if (extra !== undefined) throw new RequestInvalid(`body has an unknown field '${extra}' beside 'instances'.`)
  return body.instances
}

async function tableOf (bytes: Uint8Array, input: TableInput, limit: number): Promise<Question> {
  const table = await rowsFromCsv(bytes, input, limit)
  if (table.header && table.rows.length === 0) throw new RequestInvalid('the CSV has a header and no rows; add one line for each row.')
  if (table.rows.length === 0) throw new BodyMissing('the CSV has no rows')
  return { items: table.rows, isList: true, table }
}

function one (row: RowItem): Question {
  return { items: [row], isList: false }
}
