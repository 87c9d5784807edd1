import { RowUnusable } from '../../errors.ts'
import { columnsOf, type Column } from './columns.ts'
import type { TableInput, Value } from './input.ts'

/** How many characters a text of a row may have. */
export const TEXT_LIMIT = 10_000

/** How many names a message lists. */
const NAMES_LIMIT = 50

/** How many known values a message lists. */
const KNOWN_LIMIT = 10

/** How many characters of what a client sent a message quotes. */
const QUOTE_LIMIT = 40

/** How people and programs write a truth value. */
const TRUTHS: ReadonlyMap<string, boolean> = new Map([['true', true], ['1', true], ['false', false], ['0', false]])

/** What a value of each family is called. */
const CALLED = { float: 'a number', integer: 'a whole number', bool: 'true or false', string: 'a text' } as const

/**
 * Reads a row from JSON: a list of values in the order of the features, or an object with feature names as keys.
 *
 * It converts nothing and fills nothing in: `"3"` is not accepted as 3, nor a missing feature as 0. Only a feature that the
 * card calls optional may be `null`, or missing in an object.
 *
 * @param name name of the row in error messages, such as `row 2`
 * @throws RowUnusable that names the row and the features, and says what to send
 */
export function rowFromJson (value: unknown, name: string, input: TableInput): Value[] {
  const columns = columnsOf(input)
  if (Array.isArray(value)) {
    if (value.length !== columns.length) {
      throw new RowUnusable(`${name} has ${value.length} values; the model takes ${columns.length}: ${names(columns)}.`)
    }
    return columns.map((column, at) => taken(value[at], name, column))
  }
  if (typeof value !== 'object' || value === null) {
    const list = columns.every(({ family }) => family === 'float') ? 'numbers' : 'values'
    throw new RowUnusable(`${name} is ${typeText(value)}; send a list of ${columns.length} ${list}, or an object with ${names(columns)}.`)
  }
  return rowByName(new Map<string, unknown>(Object.entries(value)), name, input, taken)
}

/** Whether a row is a list of numbers that the model takes as they are, as most rows are: `rowFromJson` returns an equal one. */
export function isPlainRow (value: unknown, input: TableInput): value is number[] {
  const columns = columnsOf(input)
  if (!Array.isArray(value) || value.length !== columns.length) return false
  for (let at = 0; at < columns.length; at++) if (!isPlain(value[at], columns[at]!)) return false
  return true
}

function isPlain (value: unknown, { plain }: Column): value is number {
  return plain !== null && typeof value === 'number' && value >= plain.min && value <= plain.max
}

/**
 * Reads a row from the text fields of a form, one for each feature.
 *
 * @throws RowUnusable that names the features, and says what to send
 */
export function rowFromFields (fields: ReadonlyMap<string, string>, name: string, input: TableInput): Value[] {
  return rowByName(fields, name, input, valueFromText)
}

function rowByName<Given> (given: ReadonlyMap<string, Given>, name: string, input: TableInput, read: (value: Given, row: string, column: Column) => Value): Value[] {
  const columns = columnsOf(input)
  let found = 0
  let isComplete = true
  const values = columns.map(column => {
    const value = given.get(column.name)
    if (value !== undefined) found++
    else if (!column.optional) isComplete = false
    return value
  })
  if (!isComplete || found !== given.size) throw misnamed(given, name, columns)
  return values.map((value, at) => value === undefined ? null : read(value, name, columns[at]!))
}

/** The error for a row in which the names of features are not those of the model. */
function misnamed (given: ReadonlyMap<string, unknown>, name: string, columns: Column[]): Error {
  const expected = new Set(columns.map(({ name }) => name))
  const unknown = [...given.keys()].filter(key => !expected.has(key)).map(key => ({ name: key.slice(0, QUOTE_LIMIT) }))
  if (unknown.length > 0) return new RowUnusable(`${name} has ${unknown.length === 1 ? 'an unknown feature' : 'the unknown features'} ${names(unknown)}; the model takes ${names(columns)}.`)
  const missing = columns.filter(column => !column.optional && !given.has(column.name))
  return new RowUnusable(`${name} lacks ${names(missing)}; the model takes ${names(columns)}.`)
}

/** As `checked`. It is short for the numbers that most values are: a request may have a hundred thousand of them. */
function taken (value: unknown, row: string, column: Column): Value {
  return isPlain(value, column) ? value : checked(value, row, column)
}

/**
 * Checks that a value is one of the type of its column, and one that the model knows.
 *
 * @param row name of the row in error messages
 * @throws RowUnusable that names the row and the feature
 */
export function checked (value: unknown, row: string, column: Column): Value {
  const { family, type, known, others, holds } = column
  switch (typeof value) {
    case 'number': {
      if (family !== 'float' && family !== 'integer') break
      if (family === 'integer' && !Number.isInteger(value)) throw unusable(row, column, `is ${value}, not a whole number`)
      if (!holds || !(value >= holds.min && value <= holds.max)) throw unusable(row, column, `is ${value}, which ${type.endsWith('int64') ? 'JSON cannot hold exactly' : `a ${type} cannot hold`}`)
      if (known && !others && !known.has(value)) throw unusable(row, column, `is ${value}; the model knows ${listed(known)}`)
      return value
    }
    case 'string':
      if (family !== 'string') break
      if (value.length > TEXT_LIMIT) throw unusable(row, column, `has ${value.length} characters, over the limit of ${TEXT_LIMIT}`)
      if (known && !others && !known.has(value)) throw unusable(row, column, `is ${typeText(value)}; the model knows ${listed(known)}`)
      return value
    case 'boolean':
      if (family !== 'bool') break
      return value
    default:
      if (value === null && column.optional) return null
  }
  throw unusable(row, column, `is ${typeText(value)}, not ${CALLED[family]}`)
}

/**
 * Reads a value from the field of a form or of a CSV file. An empty field is a missing value.
 *
 * @param row name of the row in error messages
 * @throws RowUnusable that names the row and the feature
 */
export function valueFromText (text: string, row: string, column: Column): Value {
  const trimmed = text.trim()
  switch (column.family) {
    case 'string': {
      // A known word may begin with a blank. Beside that, blanks stand around many a field of a CSV file.
      const value = column.known && !column.known.has(text) && column.known.has(trimmed) ? trimmed : text
      if (trimmed === '' && !column.known?.has(value)) throw unusable(row, column, 'is empty, not a text')
      return checked(value, row, column)
    }
    case 'bool': return checked(TRUTHS.get(trimmed.toLowerCase()) ?? (trimmed && text), row, column)
    default: return trimmed === '' && column.optional ? null : checked(toNumber(text) ?? (trimmed && text), row, column)
  }
}

/** Parses a decimal number, or returns `undefined` if the text is not one. */
export function toNumber (field: string): number | undefined {
  const text = field.trim()
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : undefined
}

function unusable (row: string, { name }: Column, fault: string): Error {
  return new RowUnusable(`${row}: '${name}' ${fault}.`)
}

function typeText (value: unknown): string {
  if (value === null) return 'null'
  if (value === '') return 'empty'
  if (typeof value === 'string') return `the text "${value.slice(0, QUOTE_LIMIT)}"`
  return Array.isArray(value) ? 'a list' : typeof value === 'object' ? 'an object' : `the ${typeof value} ${String(value)}`
}

/** The names of features, quoted and separated by commas, for messages. */
export function names (features: ReadonlyArray<{ name: string }>): string {
  return enumerated(features.map(({ name }) => `'${name}'`), NAMES_LIMIT)
}

function listed (known: ReadonlySet<Value>): string {
  return enumerated([...known].map(value => typeof value === 'string' ? `"${value.slice(0, QUOTE_LIMIT)}"` : String(value)), KNOWN_LIMIT)
}

function enumerated (texts: string[], limit: number): string {
  return texts.length <= limit ? texts.join(', ') : `${texts.slice(0, limit).join(', ')} and ${texts.length - limit} more`
}
