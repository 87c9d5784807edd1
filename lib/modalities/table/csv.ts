import { pipeline } from 'node:stream/promises'
import { CsvError, parse } from 'csv-parse'
import { BodyMalformed, BodyTooComplex, RowUnusable, TooManyInputs } from '../../errors.ts'
import { nextTurn, PIECE_BYTES } from '../../turn.ts'
import { columnsOf, type Column } from './columns.ts'
import type { RowItem, TableInput } from './input.ts'
import { names, toNumber, valueFromText } from './values.ts'

/** A parsed CSV file: values for the model, and the original text for an answer as CSV. */
export interface Table {
  /** The values of each row, in the order of the features. */
  rows: RowItem[]
  /** The names of the columns, or `null` if the CSV has no header. */
  header: string[] | null
  /** The original text of each record, the header included, without its line ending. */
  records: string[]
  /** The character between two fields. */
  delimiter: string
}

/** What the parser passes on for each record. */
interface CsvRecord {
  /** The text of each field. */
  record: string[]
  /** The original text, with its line ending, and with the empty lines before it. */
  raw: string
}

/** The characters that may separate fields. */
const DELIMITERS = [',', ';', '\t', '|']

/** How many bytes a record may have; for a model with many features, more. */
const RECORD_LIMIT_BYTES = 64 * 1024

/** How many bytes to parse in one turn of the event loop. That takes 20 milliseconds if each record has two bytes. */
const CSV_PIECE_BYTES = 16 * 1024

/** How many bytes of a record each feature may take: a number in full precision has 24 characters. */
const FEATURE_LIMIT_BYTES = 64

/**
 * Parses CSV in UTF-8 or, if it starts with a byte order mark, in UTF-16.
 *
 * The first row is a header if one of its fields is the name of a feature, or if it has no number where a row would have
 * one. With a header, the columns may have any order, and other columns are ignored; those of optional features may be
 * missing. Without a header, the columns are the features in order.
 *
 * A long file is parsed in pieces, so that the event loop stays free.
 *
 * @param limit largest number of rows
 * @throws BodyMalformed when the text is not CSV
 * @throws TooManyInputs when there are more rows than the limit, as soon as the first row too many is read
 * @throws BodyTooComplex when a record is too long
 * @throws RowUnusable that names the row and the feature, and says what to send
 */
export async function rowsFromCsv (file: Uint8Array, input: TableInput, limit = Infinity): Promise<Table> {
  const features = columnsOf(input)
  const table: Table = { rows: [], header: null, records: [], delimiter: delimiterOf(file) }
  let places: Array<number | null> = features.map((_feature, at) => at)
  await eachRecord(file, table.delimiter, features.length, limit, (fields, text) => {
    table.records.push(text)
    if (table.records.length === 1 && isHeader(fields, features)) {
      table.header = fields.map(title => title.trim())
      places = placesOf(table.header, features)
      return
    }
    if (table.rows.length === limit) throw new TooManyInputs(limit)
    const name = `row ${table.rows.length + 1}`
    const width = table.header?.length ?? features.length
    if (fields.length !== width) {
      throw new RowUnusable(`${name} has ${fields.length} values; ${table.header ? `the header has ${width}` : `the model takes ${width}: ${names(features)}`}.`)
    }
    table.rows.push(features.map((feature, at) => {
      const place = places[at] ?? null
      return place === null ? null : valueFromText(fields[place] ?? '', name, feature)
    }))
  })
  return table
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
  await eachRecord(file, delimiterOf(file), features.length, Infinity, fields => {
    if (column === undefined) column = fields.findIndex(title => titles.includes(title.trim()))
    else texts.push(fields[column]?.trim() ?? '')
  })
  return column === undefined || column < 0 ? undefined : texts
}

/**
 * Writes a table as CSV with additional columns at its end. The rest of the text stays as it was.
 *
 * @param titles names of the additional columns
 * @param columns values of the additional columns, one for each row
 */
export async function toCsv ({ header, records, delimiter }: Table, titles: string[], columns: Array<Array<string | number>>): Promise<string> {
  let text = ''
  let since = 0
  for (const [at, record] of records.entries()) {
    const row = header ? at - 1 : at
    const fields = row < 0 ? titles : columns.map(column => column[row] ?? '')
    text += `${[record, ...fields.map(field => quoted(String(field), delimiter))].join(delimiter)}\n`
    if (text.length - since < PIECE_BYTES) continue
    since = text.length
    await nextTurn()
  }
  return text
}

function quoted (field: string, delimiter: string): string {
  return /["\r\n]/.test(field) || field.includes(delimiter) ? `"${field.replaceAll('"', '""')}"` : field
}

/**
 * Parses the records of a file one after the other. Passes over those without any text.
 *
 * @param features number of features, for the length of a record
 * @param limit largest number of records after the first one; those without any text count, because they take time
 * @param take receives the text of each field, and the original text of the record without its line ending
 */
async function eachRecord (file: Uint8Array, delimiter: string, features: number, limit: number, take: (fields: string[], text: string) => void): Promise<void> {
  const limitBytes = Math.max(RECORD_LIMIT_BYTES, features * FEATURE_LIMIT_BYTES)
  const parser = parse({ delimiter, raw: true, relax_column_count: true, skip_empty_lines: true, max_record_size: limitBytes })
  async function * pieces () {
    let unfinishedBytes = 0
    let seen = 0
    for (const piece of textOf(file)) {
      yield piece
      await nextTurn()
      const ended = parser.info.records + parser.info.empty_lines
      unfinishedBytes = ended === seen ? unfinishedBytes + piece.length : 0
      seen = ended
      // The parser's own limit does not count delimiters.
      if (unfinishedBytes > limitBytes) throw new BodyTooComplex(`a record of the CSV is longer than ${limitBytes} bytes`)
    }
  }
  try {
    await pipeline(pieces, parser, async (records: AsyncIterable<CsvRecord>) => {
      let count = 0
      for await (const { record: fields, raw } of records) {
        if (count++ > limit) throw new TooManyInputs(limit)
        if (fields.some(field => field.trim() !== '')) take(fields, raw.replace(/^[\r\n]+|[\r\n]+$/g, ''))
      }
    })
  } catch (error) {
    if (!(error instanceof CsvError)) throw error
    if (error.code === 'CSV_MAX_RECORD_SIZE') throw new BodyTooComplex(`a record of the CSV is longer than ${limitBytes} bytes`)
    throw new BodyMalformed(`The CSV is malformed: ${error.message}.`)
  }
}

/** The text of a file, in pieces. @throws BodyMalformed when the bytes are not text in this encoding */
function * textOf (file: Uint8Array): Generator<string> {
  const decoder = new TextDecoder(encodingOf(file), { fatal: true })
  try {
    for (let at = 0; at < file.length; at += CSV_PIECE_BYTES) yield decoder.decode(file.subarray(at, at + CSV_PIECE_BYTES), { stream: true })
    yield decoder.decode()
  } catch {
    throw new BodyMalformed('The CSV is not UTF-8; save it in this encoding.')
  }
}

/** The encoding that the byte order mark tells. */
function encodingOf ([first, second]: Uint8Array): string {
  if (first === 0xff && second === 0xfe) return 'utf-16le'
  return first === 0xfe && second === 0xff ? 'utf-16be' : 'utf-8'
}

/** The character that separates the most fields of the first line. */
function delimiterOf (file: Uint8Array): string {
  const start = new TextDecoder(encodingOf(file)).decode(file.subarray(0, RECORD_LIMIT_BYTES))
  // Not by one regular expression: on blanks alone, it would try every place.
  const line = start.split(/[\r\n]+/).find(line => line.trim() !== '') ?? ''
  const unquoted = line.replaceAll(/"[^"]*"/g, '')
  const count = (delimiter: string) => unquoted.split(delimiter).length
  return DELIMITERS.reduce((best, delimiter) => count(delimiter) > count(best) ? delimiter : best)
}

function isHeader (fields: string[], features: Column[]): boolean {
  const names = new Set(features.map(({ name }) => name))
  if (fields.some(field => names.has(field.trim()))) return true
  const hasNumber = features.some(({ family, optional }) => !optional && (family === 'float' || family === 'integer'))
  return hasNumber && fields.every(field => toNumber(field) === undefined)
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
