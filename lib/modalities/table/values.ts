import { RowUnusable } from '../../errors.ts'
import type { TableInput } from './input.ts'

/** Largest finite float32. A larger value would become infinite in the tensor. */
export const FLOAT32_MAX = 3.4028234663852886e38

/**
 * Reads a row from JSON: a list of values in the order of the features, or an object with feature names as keys.
 *
 * It converts nothing and fills nothing in: `"3"` is not accepted as 3, nor a missing feature as 0.
 *
 * @param name name of the row in error messages, such as `row 2`
 * @throws RowUnusable that names the row and the feature, and says what to send
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
 * Reads a row from the text fields of a form, one for each feature.
 *
 * @throws RowUnusable that names the feature, and says what to send
 */
export function rowFromFields (fields: Map<string, string>, name: string, input: TableInput): number[] {
  return rowFromJson(Object.fromEntries([...fields].map(([key, text]) => [key, toNumber(text) ?? text])), name, input)
}

/**
 * Checks that a value is a number that fits into float32.
 *
 * @param row name of the row in error messages
 * @throws RowUnusable that names the row and the feature
 */
export function checked (value: unknown, row: string, feature: string): number {
  if (typeof value !== 'number') throw new RowUnusable(`${row}: '${feature}' is ${kindOf(value)}, not a number.`)
  if (!(Math.abs(value) <= FLOAT32_MAX)) throw new RowUnusable(`${row}: '${feature}' is ${value}, which a float32 cannot hold.`)
  return value
}

/** Parses a decimal number, or returns `undefined` if the text is not one. */
export function toNumber (field: string): number | undefined {
  const text = field.trim()
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : undefined
}

function kindOf (value: unknown): string {
  if (value === null) return 'null'
  if (value === '') return 'empty'
  if (typeof value === 'string') return `the text "${value.slice(0, 40)}"`
  return Array.isArray(value) ? 'a list' : typeof value === 'object' ? 'an object' : `the ${typeof value} ${String(value)}`
}

/** The names of the features, quoted and separated by commas, for messages. */
export function names (features: TableInput['features']): string {
  return features.map(({ name }) => `'${name}'`).join(', ')
}
