import { pipeline } from 'node:stream/promises'
import { CsvError, parse } from 'csv-parse'
import { BodyMalformed, BodyTooComplex, TooManyInputs } from '../errors.ts'
import { nextTurn, PIECE_BYTES } from '../turn.ts'

/** The original text of a CSV file, for an answer as CSV. */
export interface Table {
  /** The names of the columns, or `null` if the CSV has no header. */
  header: string[] | null
  /** The original text of each record, the header included, without its line ending. */
  records: string[]
  /** The character between two fields. */
  delimiter: string
  /** Whether its numbers have a decimal comma: then those that an answer adds have one, too. */
  hasDecimalCommas?: boolean
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

/** How many bytes to parse in one turn of the event loop. That takes 20 milliseconds if each record has two bytes. */
const CSV_PIECE_BYTES = 16 * 1024

/** How many bytes to look for the first line in. */
const FIRST_LINE_BYTES = 64 * 1024

/**
 * Writes a table as CSV with additional columns at its end. The rest of the text stays as it was.
 *
 * @param titles names of the additional columns
 * @param columns values of the additional columns, one for each row
 */
export async function toCsv ({ header, records, delimiter, hasDecimalCommas }: Table, titles: string[], columns: Array<Array<string | number>>): Promise<string> {
  const textOf = (field: string | number) => typeof field === 'number' && hasDecimalCommas ? String(field).replace('.', ',') : String(field)
  let text = ''
  let since = 0
  for (const [at, record] of records.entries()) {
    const row = header ? at - 1 : at
    const fields = row < 0 ? titles : columns.map(column => column[row] ?? '')
    text += `${[record, ...fields.map(field => quoted(textOf(field), delimiter))].join(delimiter)}\n`
    if (text.length - since < PIECE_BYTES) continue
    since = text.length
    await nextTurn()
  }
  return text
}

/**
 * Writes columns as CSV with a header, for inputs that were no CSV. A long text is written in pieces.
 *
 * @param columns values of each column, one for each row
 */
export async function columnsToCsv (titles: string[], columns: Array<Array<string | number>>): Promise<string> {
  const lineOf = (fields: Array<string | number>) => `${fields.map(field => quoted(String(field), ',')).join()}\n`
  let text = lineOf(titles)
  let since = 0
  for (let row = 0; row < (columns[0]?.length ?? 0); row++) {
    text += lineOf(columns.map(column => column[row] ?? ''))
    if (text.length - since < PIECE_BYTES) continue
    since = text.length
    await nextTurn()
  }
  return text
}

/** A field of CSV, in quotation marks if it needs them. */
export function quoted (field: string, delimiter: string): string {
  return /["\r\n]/.test(field) || field.includes(delimiter) ? `"${field.replaceAll('"', '""')}"` : field
}

/** How to read a CSV file. */
export interface CsvOptions {
  delimiter: string
  /** How many bytes a record may have. */
  limitBytes: number
  /** Largest number of records after the first one. Those without any text count, because they take time. */
  limit?: number
}

/**
 * Parses the records of a file one after the other. Passes over those without any text. A long file is parsed in pieces, so
 * that the event loop stays free.
 *
 * @param take receives the text of each field, and the original text of the record without its line ending
 * @throws BodyMalformed when the text is not CSV
 * @throws TooManyInputs when there are more records than the limit, as soon as the first one too many is read
 * @throws BodyTooComplex when a record is too long
 */
export async function eachRecord (file: Uint8Array, { delimiter, limitBytes, limit = Infinity }: CsvOptions, take: (fields: string[], text: string) => void): Promise<void> {
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

/** The character that separates the most fields of the first line: but semicolons between numbers with decimal commas. */
export function delimiterOf (file: Uint8Array): string {
  const start = new TextDecoder(encodingOf(file)).decode(file.subarray(0, FIRST_LINE_BYTES))
  // Not by one regular expression: on blanks alone, it would try every place.
  const line = start.split(/[\r\n]+/).find(line => line.trim() !== '') ?? ''
  const unquoted = line.replaceAll(/"[^"]*"/g, '')
  if (line.includes(';') && line.split(';').every(field => /^[+-]?\d*(,\d+)?(e[+-]?\d+)?$/i.test(field.trim()))) return ';'
  const count = (delimiter: string) => unquoted.split(delimiter).length
  return DELIMITERS.reduce((best, delimiter) => count(delimiter) > count(best) ? delimiter : best)
}
