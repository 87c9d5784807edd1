import papaparse from 'papaparse'
import { BodyMalformed, RowUnusable, TooManyInputs } from '../../errors.ts'
import type { TableInput } from './input.ts'
import { checked, names, toNumber } from './values.ts'

/** A parsed CSV file: numbers for the model, and the original text for an answer as CSV. */
export interface Table {
  /** The values of each row, in the order of the features. */
  rows: number[][]
  /** The names of the columns, or `null` if the CSV has no header. */
  header: string[] | null
  /** The original fields of each row, without the header. */
  records: string[][]
  /** The character between two fields. */
  delimiter: string
}

/**
 * Parses CSV.
 *
 * The first row is a header if it has no number, or if one of its fields is the name of a feature. With a header, the
 * columns may have any order, and other columns are ignored. Without a header, the columns are the features in order.
 *
 * @param limit largest number of rows
 * @throws BodyMalformed when the text is not CSV
 * @throws TooManyInputs when there are more rows than the limit
 * @throws RowUnusable that names the row and the feature, and says what to send
 */
export function rowsFromCsv (text: string, { features }: TableInput, limit = Infinity): Table {
  const { data, errors, meta } = papaparse.parse<string[]>(text.replace(/^\ufeff/, ''), {
    skipEmptyLines: 'greedy', ...(limit < Infinity && { preview: limit + 2 })
  })
  // A CSV with one column has no delimiter. Papa Parse reports that, but it is not an error.
  const error = errors.find(({ type }) => type !== 'Delimiter')
  if (error) throw new BodyMalformed(`The CSV is malformed at row ${(error.row ?? 0) + 1}: ${error.message}.`)
  const [first = [], ...rest] = data
  const titles = first.map(field => field.trim())
  const isHeader = titles.every(field => toNumber(field) === undefined) || titles.some(field => features.some(({ name }) => name === field))
  const header = isHeader ? titles : null
  const records = isHeader ? rest : data
  if (records.length > limit) throw new TooManyInputs(limit)

  const columns = features.map(({ name }, at) => {
    if (!header) return at
    const column = header.indexOf(name)
    if (column < 0) throw new RowUnusable(`the CSV's header lacks '${name}'; the model takes ${names(features)}.`)
    if (header.lastIndexOf(name) !== column) throw new RowUnusable(`the CSV's header has '${name}' twice.`)
    return column
  })
  const width = header?.length ?? features.length
  const rows = records.map((record, at) => {
    const name = `row ${at + 1}`
    if (record.length !== width) {
      throw new RowUnusable(`${name} has ${record.length} values; ${header ? `the header has ${width}` : `the model takes ${width}: ${names(features)}`}.`)
    }
    return features.map((feature, position) => {
      const field = record[columns[position]!] ?? ''
      return checked(toNumber(field) ?? field, name, feature.name)
    })
  })
  return { rows, header, records, delimiter: meta.delimiter }
}

/**
 * Writes a table as CSV with additional columns. Keeps its header and delimiter.
 *
 * @param names names of the additional columns
 * @param columns values of the additional columns, one for each row
 */
export function toCsv ({ header, records, delimiter }: Table, names: string[], columns: Array<Array<string | number>>): string {
  const rows = records.map((record, at) => [...record, ...columns.map(column => column[at])])
  return `${papaparse.unparse(header ? [[...header, ...names], ...rows] : rows, { newline: '\n', delimiter })}\n`
}
