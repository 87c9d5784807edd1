import { RowUnusable } from '../../errors.ts'
import type { TableInput } from './input.ts'

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

/**
 * A value that the tensor can hold.
 *
 * @throws RowUnusable naming the row and the feature
 */
export function checked (value: unknown, row: string, feature: string): number {
  if (typeof value !== 'number') throw new RowUnusable(`${row}: '${feature}' is ${kindOf(value)}, not a number.`)
  if (!(Math.abs(value) <= FLOAT32_MAX)) throw new RowUnusable(`${row}: '${feature}' is ${value}, which a float32 cannot hold.`)
  return value
}

/** The number that a text is, or undefined where it is none. */
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

/** The features' names, as messages list them. */
export function names (features: TableInput['features']): string {
  return features.map(({ name }) => `'${name}'`).join(', ')
}
