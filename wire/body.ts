import { BodyMalformed, BodyMissing, FileMissing, RequestInvalid, TooManyInputs } from '../errors.ts'
import type { ImageInput, TableInput } from '../model/card.ts'
import { rowFromFields, rowFromJson, rowsFromCsv, type Table } from './rows.ts'

/** One thing to classify, under the name that an error about it uses, such as `file 'cat.jpg'`. */
export type Input = PictureInput | { name: string, row: number[] }

export interface PictureInput {
  name: string
  bytes: Uint8Array
  /** Whether nobody else needs the bytes, so that they may be moved away. */
  movable?: boolean
}

/** What a request asks about. */
export interface Question {
  inputs: Input[]
  /** Whether a list is answered; one input that came alone is answered alone. */
  several: boolean
  /** The table that the inputs came in, when it was CSV. */
  table?: Table
}

/** A file of a form. */
export interface Upload {
  filename: string
  bytes: Uint8Array
}

/** A body that was sent as CSV. */
export class Csv {
  readonly text: string

  constructor (text: string) {
    this.text = text
  }
}

/** A form that was sent as multipart/form-data. */
export class Form {
  readonly files: Upload[] = []
  readonly fields = new Map<string, string>()
}

/**
 * What there is to classify in a parsed body, for a model that takes pictures: a form's files, raw bytes, or an object
 * with a base64 image.
 *
 * @throws BodyMissing, BodyMalformed, FileMissing
 */
export function picturesOf (body: unknown): Question {
  // A body is its request's alone.
  const inputs = pictures(body).map(input => ({ ...input, movable: true }))
  return { inputs, several: inputs.length > 1 }
}

function pictures (body: unknown): PictureInput[] {
  if (body instanceof Uint8Array) return [{ name: 'the body', bytes: body }]
  if (body instanceof Form) {
    if (body.files.length === 0) throw new FileMissing()
    return body.files.map(({ filename, bytes }, at, { length }) => ({
      name: `file ${length > 1 ? `${at + 1} of ${length} ` : ''}'${filename}'`, bytes
    }))
  }
  if (body instanceof Object && 'image' in body && typeof body.image === 'string') {
    return [{ name: "field 'image'", bytes: fromBase64(body.image, "field 'image'") }]
  }
  throw new BodyMissing('send an image as a form file, as the raw body, or as base64 in JSON')
}

/**
 * What there is to classify in a parsed body, for a model that takes rows of features: JSON (a list, an object, a list
 * of either, or `{"instances": […]}`), CSV, or a form with a field for each feature or a CSV file.
 *
 * @param limit how many rows can be answered at once; more are refused before they are looked at
 * @throws BodyMissing, BodyMalformed, RequestInvalid, RowUnusable, TooManyInputs
 */
export function rowsOf (body: unknown, input: TableInput, limit: number): Question {
  if (body === undefined || body === null) throw new BodyMissing('send a row as JSON, or rows as CSV')
  if (body instanceof Csv) return tableOf(body.text, input, limit)
  if (body instanceof Form) {
    const [file, another] = body.files
    if (!file) return one(rowFromFields(body.fields, 'the form', input))
    if (another || body.fields.size > 0) throw new RequestInvalid('the form has more than one CSV file, or a file and fields; send one or the other.')
    return tableOf(Buffer.from(file.bytes).toString(), input, limit)
  }
  const list = listIn(body)
  if (!list) return one(rowFromJson(body, 'the row', input))
  if (list.length === 0) throw new RequestInvalid("'instances' is an empty list.")
  if (list.length > limit) throw new TooManyInputs(limit)
  return { inputs: list.map((value, at) => named(at, rowFromJson(value, `row ${at + 1}`, input))), several: true }
}

/** @see picturesOf, rowsOf */
export function questionOf (body: unknown, input: ImageInput | TableInput, limit: number): Question {
  return input.kind === 'image' ? picturesOf(body) : rowsOf(body, input, limit)
}

function listIn (body: unknown): unknown[] | undefined {
  if (Array.isArray(body)) return body.some(value => typeof value === 'object' && value !== null) ? body : undefined
  if (!(body instanceof Object && 'instances' in body && Array.isArray(body.instances))) return undefined
  const extra = Object.keys(body).find(key => key !== 'instances')
  if (extra !== undefined) throw new RequestInvalid(`body has an unknown field '${extra}' beside 'instances'.`)
  return body.instances
}

function tableOf (text: string, input: TableInput, limit: number): Question {
  const table = rowsFromCsv(text, input, limit)
  if (table.rows.length === 0) throw new BodyMissing('the CSV has no rows')
  return { inputs: table.rows.map((row, at) => named(at, row)), several: true, table }
}

function one (row: number[]): Question {
  return { inputs: [{ name: 'the row', row }], several: false }
}

function named (at: number, row: number[]): Input {
  return { name: `row ${at + 1}`, row }
}

/** Node skips what is not base64 without a word; too few bytes give it away. */
function fromBase64 (text: string, name: string): Uint8Array {
  const data = text.replace(/^data:[^,]{0,200},/, '').replace(/\s/g, '')
  const bytes = Buffer.from(data, 'base64')
  const characters = data.replace(/={1,2}$/, '').length
  if (characters % 4 === 1 || bytes.length !== Math.floor(characters * 3 / 4)) {
    throw new BodyMalformed(`${name} is not base64.`)
  }
  return bytes
}
