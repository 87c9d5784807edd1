import papaparse from 'papaparse'
import { BodyMalformed, RowUnusable, TooManyInputs } from '../errors.ts'
import type { TableInput } from '../model/card.ts'

/** The greatest magnitude of a float32; beyond it a value would become infinite. */
const FLOAT32_MAX = 3.4028234663852886e38

/**
 * A row from JSON: a list of values in the order of the features, or an object by feature name.
 *
 * Nothing is converted or filled in: `"3"` is not 3, and a missing feature is not 0.
 *
 * @param name of the row in error messages, such as `row 2`
 * @throws RowUnusable naming the row, the feature and what to send
 */
export function rowFromJson (value: unknown, name: string, { features }: TableInput): number[] {
  if (Array.isArray(value)) {
    if (value.length !== features.length) {
      throw new RowUnusable(`${name} has ${value.length} values; the model takes ${features.length}: ${names(features)}.`)
    }
    return features.map((feature, at) => checked(value[at], name, feature.name))
  }
  if (typeof value !== 'object' || value === null) {
    throw new RowUnusable(`${name} is ${kindOf(value)}; send a list of ${features.length} numbers, or an object with ${names(features)}.`)
  }
  const unknown = Object.keys(value).find(key => !features.some(feature => feature.name === key))
  if (unknown !== undefined) throw new RowUnusable(`${name} has an unknown feature '${unknown}'; the model takes ${names(features)}.`)
  const values = new Map<string, unknown>(Object.entries(value))
  return features.map(feature => {
    if (!values.has(feature.name)) throw new RowUnusable(`${name} lacks '${feature.name}'; the model takes ${names(features)}.`)
    return checked(values.get(feature.name), name, feature.name)
  })
}

/**
 * A row from the text fields of a form, one for each feature.
 *
 * @throws RowUnusable naming the feature and what to send
 */
export function rowFromFields (fields: Map<string, string>, name: string, input: TableInput): number[] {
  return rowFromJson(Object.fromEntries([...fields].map(([key, text]) => [key, toNumber(text) ?? text])), name, input)
}

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

function checked (value: unknown, row: string, feature: string): number {
  if (typeof value !== 'number') throw new RowUnusable(`${row}: '${feature}' is ${kindOf(value)}, not a number.`)
  if (!(Math.abs(value) <= FLOAT32_MAX)) throw new RowUnusable(`${row}: '${feature}' is ${value}, which a float32 cannot hold.`)
  return value
}

function toNumber (field: string): number | undefined {
  const text = field.trim()
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : undefined
}

function kindOf (value: unknown): string {
  if (value === null) return 'null'
  if (value === '') return 'empty'
  if (typeof value === 'string') return `the text "${value.slice(0, 40)}"`
  return Array.isArray(value) ? 'a list' : typeof value === 'object' ? 'an object' : `the ${typeof value} ${String(value)}`
}

function names (features: TableInput['features']): string {
  return features.map(({ name }) => `'${name}'`).join(', ')
}
