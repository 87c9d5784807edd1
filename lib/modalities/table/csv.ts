import papaparse from 'papaparse'
import { BodyMalformed, RowUnusable, TooManyInputs } from '../../errors.ts'
import type { TableInput } from './input.ts'
import { checked, names, toNumber } from './values.ts'

/** A table of text: its rows as numbers for the model, and as they came, to answer in kind. */
export interface Table {
  rows: number[][]
  /** The names of the columns, when the first row was names. */
  header: string[] | null
  /** The fields of each row, without the header. */
  records: string[][]
  delimiter: string
}

/**
 * Rows from CSV. A first row in which no field is a number, or that names a feature, is a header; with one, columns are
 * found by feature name, in any order, and other columns are left alone; without one, the columns are the features in
 * order.
 *
 * @param limit how many rows are read at most
 * @throws BodyMalformed when the text is not CSV
 * @throws TooManyInputs
 * @throws RowUnusable naming the row, the feature and what to send
 */
export function rowsFromCsv (text: string, { features }: TableInput, limit = Infinity): Table {
  const { data, errors, meta } = papaparse.parse<string[]>(text.replace(/^\ufeff/, ''), {
    skipEmptyLines: 'greedy', ...(limit < Infinity && { preview: limit + 2 })
  })
  // A single column has no delimiter to detect; that is no fault.
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

/** The table that came, in its own style, with columns appended. */
export function toCsv ({ header, records, delimiter }: Table, names: string[], columns: Array<Array<string | number>>): string {
  const rows = records.map((record, at) => [...record, ...columns.map(column => column[at])])
  return `${papaparse.unparse(header ? [[...header, ...names], ...rows] : rows, { newline: '\n', delimiter })}\n`
}
