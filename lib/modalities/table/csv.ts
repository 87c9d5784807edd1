import { RowUnusable, TooManyInputs } from '../../errors.ts'
import { delimiterOf, eachRecord, type Table } from '../csv.ts'
import { RowFaults } from '../row-faults.ts'
import { columnsOf, type Column } from './columns.ts'
import type { RowItem, TableInput } from './input.ts'
import { names, toNumber, valueFromText } from './values.ts'

/** A parsed CSV file, with values for the model. */
export interface RowTable extends Table {
  /** The values of each row, in the order of the features. */
  rows: RowItem[]
}

/** How many bytes a record may have; for a model with many features, more. */
const RECORD_LIMIT_BYTES = 64 * 1024

/** How many bytes of a record each feature may take: a number in full precision has 24 characters. */
const FEATURE_LIMIT_BYTES = 64

/**
 * Parses CSV in UTF-8 or, if it starts with a byte order mark, in UTF-16.
 *
 * The first row is a header if one of its fields is the name of a feature, or if it has no number where a row would have
 * one. With a header, the columns may have any order, and other columns are ignored; those of optional features may be
 * missing. Without a header, the columns are the features in order.
 *
 * Where semicolons separate the fields, numbers may have a decimal comma, as spreadsheets write them in many countries.
 * Then no number of the file may have a decimal point, because a comma could also group thousands.
 *
 * A long file is parsed in pieces, so that the event loop stays free.
 *
 * @param limit largest number of rows
 * @throws BodyMalformed when the text is not CSV
 * @throws TooManyInputs when there are more rows than the limit, as soon as the first row too many is read
 * @throws BodyTooComplex when a record is too long
 * @throws RowUnusable that names the first faulty row and the feature, and says what to send, with `faults` of all faulty rows
 */
export async function rowsFromCsv (file: Uint8Array, input: TableInput, limit = Infinity): Promise<RowTable> {
  const features = columnsOf(input)
  const table: RowTable = { rows: [], header: null, records: [], delimiter: delimiterOf(file) }
  let places: Array<number | null> = features.map((_feature, at) => at)
  let row = 0
  const faults = new RowFaults()
  const decimals = new Decimals(table.delimiter === ';')
  await eachRecord(file, { delimiter: table.delimiter, limitBytes: limitBytesOf(features.length), limit }, (fields, text) => {
    table.records.push(text)
    if (table.records.length === 1 && isHeader(fields, features, decimals)) {
      table.header = fields.map(title => title.trim())
      places = placesOf(table.header, features)
      return
    }
    if (row++ === limit) throw new TooManyInputs(limit)
    try {
      table.rows.push(read(fields, `row ${row}`))
    } catch (error) {
      if (!(error instanceof RowUnusable)) throw error
      faults.add(row, error)
    }
  })
  faults.check()
  if (decimals.areCommas) table.hasDecimalCommas = true
  return table

  function read (fields: string[], name: string): RowItem {
    const width = table.header?.length ?? features.length
    if (fields.length !== width) {
      throw new RowUnusable(`${name} has ${fields.length} values; ${table.header ? `the header has ${width}` : `the model takes ${width}: ${names(features)}`}.`)
    }
    return features.map((feature, at) => {
      const place = places[at] ?? null
      return place === null ? null : valueFromText(decimals.plain(fields[place] ?? '', name, feature), name, feature)
    })
  }
}

/** The decimal numbers of a file, all of which have a point, or all a comma. */
class Decimals {
  readonly #mayBeCommas: boolean
  /** The first row with a decimal comma, and the first one with a decimal point. */
  #comma: string | undefined
  #point: string | undefined

  constructor (mayBeCommas: boolean) {
    this.#mayBeCommas = mayBeCommas
  }

  get areCommas (): boolean {
    return this.#comma !== undefined
  }

  /** Whether a field is a number, whichever sign it has. */
  isNumber (field: string): boolean {
    return toNumber(field) !== undefined || this.#hasComma(field)
  }

  /** A field with a point, if it is a number with a comma. @throws RowUnusable when an earlier row has the other sign */
  plain (field: string, row: string, { name, family }: Column): string {
    if (!this.#mayBeCommas || (family !== 'float' && family !== 'integer')) return field
    const hasComma = this.#hasComma(field)
    if (hasComma) this.#comma ??= row
    else if (field.includes('.') && toNumber(field) !== undefined) this.#point ??= row
    else return field
    const other = hasComma ? this.#point : this.#comma
    if (other !== undefined) throw new RowUnusable(`${row}: '${name}' has a decimal ${hasComma ? 'comma' : 'point'}, and ${other} has a decimal ${hasComma ? 'point' : 'comma'}; write all numbers alike.`)
    return hasComma ? field.replace(',', '.') : field
  }

  #hasComma (field: string): boolean {
    return this.#mayBeCommas && !field.includes('.') && toNumber(field.replace(',', '.')) !== undefined && field.includes(',')
  }
}

/**
 * The text of one column of a CSV file with a header, without the header.
 *
 * @param titles accepted names of the column
 * @returns `undefined` if the header has none of these names
 * @throws as rowsFromCsv
 */
export async function columnFromCsv (file: Uint8Array, { features }: TableInput, titles: string[]): Promise<string[] | undefined> {
  const texts: string[] = []
  let column: number | undefined
  await eachRecord(file, { delimiter: delimiterOf(file), limitBytes: limitBytesOf(features.length) }, fields => {
    if (column === undefined) column = fields.findIndex(title => titles.includes(title.trim()))
    else texts.push(fields[column]?.trim() ?? '')
  })
  return column === undefined || column < 0 ? undefined : texts
}

function limitBytesOf (features: number): number {
  return Math.max(RECORD_LIMIT_BYTES, features * FEATURE_LIMIT_BYTES)
}

function isHeader (fields: string[], features: Column[], decimals: Decimals): boolean {
  const names = new Set(features.map(({ name }) => name))
  if (fields.some(field => names.has(field.trim()))) return true
  const hasNumber = features.some(({ family, optional }) => !optional && (family === 'float' || family === 'integer'))
  return hasNumber && fields.every(field => !decimals.isNumber(field))
}

/** For each feature, the index of its field; `null` if an optional feature has none. */
function placesOf (header: string[], features: Column[]): Array<number | null> {
  const missing = features.filter(({ name, optional }) => !optional && !header.includes(name))
  if (missing.length > 0) throw new RowUnusable(`the CSV's header lacks ${names(missing)}; the model takes ${names(features)}.`)
  return features.map(({ name }) => {
    const place = header.indexOf(name)
    if (header.lastIndexOf(name) !== place) throw new RowUnusable(`the CSV's header has '${name}' twice.`)
    return place < 0 ? null : place
  })
}
