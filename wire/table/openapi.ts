import type { Card } from '../../lib/card/card.ts'
import { rangeOf } from '../../lib/modalities/numbers.ts'
import { columnsOf, exampleOf, type Column } from '../../lib/modalities/table/columns.ts'
import { stepsOf } from '../../lib/modalities/table/explain.ts'
import type { TableInput, Value } from '../../lib/modalities/table/input.ts'
import { TEXT_LIMIT } from '../../lib/modalities/table/values.ts'
import { Type, type TSchema } from '../../lib/typebox.ts'
import { BINARY, explained, explanation, type Content, type Described } from '../schemas.ts'

/** How many known values a description lists. */
const KNOWN_LIMIT = 20

/**
 * The request body for each content type, with valid rows as examples.
 *
 * @param limit largest number of rows
 */
export function rowBody (input: TableInput, limit: number): { content: Content } {
  const columns = columnsOf(input)
  const example = exampleOf(input)
  const described = describedSchemasOf(input)
  const [inOrder, byName] = rowSchemasOf(input)
  const rows = Type.Array(Type.Union([inOrder, byName]), { minItems: 1, maxItems: limit, title: 'Rows' })
  const required = columns.filter(column => !column.optional)
  return {
    content: {
      'application/json': {
        schema: Type.Union([inOrder, byName, rows, Type.Object({ instances: rows }, { additionalProperties: false, title: 'Instances' })], {
          'x-read-by-hand': true, examples: [example]
        })
      },
      'text/csv': {
        schema: Type.String({ description: 'Rows, with or without a header. With a header, other columns are ignored. Where semicolons separate the fields, numbers may have a decimal comma.', examples: [csvOf([columns.map(({ name }) => name), example])] })
      },
      'multipart/form-data': {
        schema: Type.Object({
          ...Object.fromEntries(columns.map(({ name }, at) => [name, Type.Optional(described[at]!)])),
          file: Type.Optional(Type.Unsafe<unknown>({ ...BINARY, description: 'A CSV file instead of the fields.' }))
        }, {
          additionalProperties: false,
          minProperties: 1,
          maxProperties: columns.length,
          // Each field needs the next one, and the last one the first: so there are all or none.
          dependentRequired: Object.fromEntries(required.length < 2 ? [] : required.map(({ name }, at) => [name, [required[(at + 1) % required.length]!.name]])),
          description: 'Either one field for each feature, or a CSV file.'
        })
      }
    }
  }
}

/** A row of JSON: a list or an object. */
export function rowSchema (input: TableInput): TSchema {
  return Type.Union(rowSchemasOf(input))
}

function rowSchemasOf (input: TableInput): [TSchema, TSchema] {
  const columns = columnsOf(input)
  const example = exampleOf(input)
  const described = describedSchemasOf(input)
  const byName = Type.Object(Object.fromEntries(columns.map((column, at) => [column.name, optional(column, orNull(column, described[at]!))])), {
    additionalProperties: false, title: 'Row by feature name', examples: [Object.fromEntries(columns.map(({ name }, at) => [name, example[at]]))]
  })
  return [listSchemaOf(columns), byName]
}

function describedSchemasOf (input: TableInput): TSchema[] {
  const example = exampleOf(input)
  return columnsOf(input).map((column, at) => describedSchemaOf(column, example[at] ?? null))
}

/** What a column takes, without a description. */
function schemaOf ({ family, type, known, others, values = [] }: Column): TSchema {
  if (known && !others) return Type.Unsafe<unknown>({ enum: values, ...family === 'string' && { type: 'string' } })
  const range = rangeOf(type)
  // Every number of JSON is a float64.
  const bounds = range && type !== 'float64' ? { minimum: range.min, maximum: range.max } : {}
  switch (family) {
    case 'float': return Type.Number(bounds)
    case 'integer': return Type.Integer(bounds)
    case 'bool': return Type.Boolean()
    case 'string': return Type.String({ maxLength: TEXT_LIMIT })
  }
}

function describedSchemaOf (column: Column, example: Value): TSchema {
  const { unit, min, max, others, values = [] } = column
  const known = values.slice(0, KNOWN_LIMIT).join(', ') + (values.length > KNOWN_LIMIT ? ' and more' : '')
  const description = [
    unit && `In ${unit}.`,
    min === undefined && max === undefined ? '' : `Training data: ${min ?? 'up'} to ${max ?? 'any'}.`,
    others && `The model knows ${known}.`,
    column.optional && 'May be missing.'
  ].filter(Boolean).join(' ')
  return Type.Unsafe<unknown>({ ...schemaOf(column), ...description && { description }, examples: [example] })
}

function orNull ({ optional }: Column, schema: TSchema): TSchema {
  return optional ? Type.Union([schema, Type.Null()]) : schema
}

function optional (column: Column, schema: TSchema): TSchema {
  return column.optional ? Type.Optional(schema) : schema
}

/** A row as a list. */
function listSchemaOf (columns: Column[]): TSchema {
  const options = { minItems: columns.length, maxItems: columns.length, title: 'Row', description: columns.map(({ name }) => name).join(', ') }
  const items = columns.map(column => orNull(column, schemaOf(column)))
  const [first] = items
  const isUniform = new Set(items.map(item => JSON.stringify(item))).size === 1
  return isUniform && first ? Type.Array(first, options) : Type.Unsafe<unknown>({ type: 'array', prefixItems: items, ...options })
}

/** Writes values as CSV. */
function csvOf (rows: Value[][]): string {
  const field = (value: Value) => /[",;\r\n]/.test(String(value)) ? `"${String(value).replaceAll('"', '""')}"` : String(value ?? '')
  return rows.map(row => `${row.map(field).join()}\n`).join('')
}

/** The answer of `/explain` for rows: the effect of each feature. */
export function explanationOf (card: Card, input: TableInput): Described {
  const { name, key, number, importance } = explained(card)
  const varied = columnsOf(input).filter(column => stepsOf(column).length > 0)
  const features = Type.Array(Type.Object({
    name: Type.String(),
    value: anyOf(varied.flatMap(column => orNull(column, plainSchemaOf(column)))),
    importance: Type.Unsafe<number>({ ...importance, description: `The ${name}, minus its mean over the feature's range in the training data.` }),
    curve: Type.Array(Type.Object({ value: anyOf(varied.map(plainSchemaOf)), [key]: number }), {
      description: `The ${name} for values of this feature over its range, with all other features unchanged.`
    })
  }), { description: `One entry for each feature${varied.length < input.features.length ? ' whose range or values are known' : ''}, in the order of the model.` })
  return {
    description: `The effect of each feature on the ${name}.`,
    content: { 'application/json': { schema: explanation(card, { features }) } }
  }
}

/** A value of a column in an answer. */
function plainSchemaOf ({ family }: Column): TSchema {
  switch (family) {
    case 'float':
    case 'integer': return Type.Number()
    case 'bool': return Type.Boolean()
    case 'string': return Type.String()
  }
}

function anyOf (schemas: TSchema[]): TSchema {
  const different = [...new Map(schemas.map(schema => [JSON.stringify(schema), schema])).values()]
  const [first = Type.Number()] = different
  return different.length < 2 ? first : Type.Union(different)
}
