import type { Card } from '../../lib/card/card.ts'
import type { TableInput } from '../../lib/modalities/table/input.ts'
import { FLOAT32_MAX } from '../../lib/modalities/table/values.ts'
import { Type } from '../../lib/typebox.ts'
import { columnsOf } from '../answer.ts'
import { BINARY, explained, explanation, type Content, type Described } from '../schemas.ts'

/** What a float32 can hold. */
const FLOAT32 = { minimum: -FLOAT32_MAX, maximum: FLOAT32_MAX }

/**
 * The request body for each content type, with valid rows as examples.
 *
 * @param limit largest number of rows
 */
export function rowBody ({ features }: TableInput, limit: number): { content: Content } {
  const feature = ({ unit, min, max, example }: TableInput['features'][number]) => Type.Number({
    ...FLOAT32, description: `${unit ? `In ${unit}. ` : ''}Training data: ${min} to ${max}.`, examples: [example]
  })
  const byName = Type.Object(Object.fromEntries(features.map(each => [each.name, feature(each)])), {
    additionalProperties: false, title: 'Row by feature name', examples: [Object.fromEntries(features.map(({ name, example }) => [name, example]))]
  })
  const inOrder = Type.Array(Type.Number(FLOAT32), {
    minItems: features.length, maxItems: features.length, title: 'Row', description: features.map(({ name }) => name).join(', ')
  })
  const rows = Type.Array(Type.Union([inOrder, byName]), { minItems: 1, maxItems: limit, title: 'Rows' })
  const example = features.map(({ example }) => example)
  const csv = `${features.map(({ name }) => name).join()}\n${example.join()}\n`
  return {
    content: {
      'application/json': {
        schema: Type.Union([inOrder, byName, rows, Type.Object({ instances: rows }, { additionalProperties: false, title: 'Instances' })], {
          'x-read-by-hand': true, examples: [example]
        })
      },
      'text/csv': {
        schema: Type.String({ description: 'Rows, with or without a header. With a header, other columns are ignored.', examples: [csv] })
      },
      'multipart/form-data': {
        schema: Type.Object({
          ...Object.fromEntries(features.map(each => [each.name, Type.Optional(feature(each))])),
          file: Type.Optional(Type.Unsafe<unknown>({ ...BINARY, description: 'A CSV file instead of the fields.' }))
        }, {
          additionalProperties: false,
          minProperties: 1,
          maxProperties: features.length,
          dependentRequired: Object.fromEntries(features.map(({ name }) => [name, features.flatMap(other => other.name === name ? [] : [other.name])])),
          description: 'Either one field for each feature, or a CSV file.'
        })
      }
    }
  }
}

/** The answer of `/predict` as CSV, if it fits into columns. */
export function csvAnswer (card: Card): Content {
  const columns = columnsOf(card)
  if (columns.length === 0) return {}
  return {
    'text/csv': {
      schema: Type.String({ description: `For a CSV request with Accept: text/csv: the rows with the additional column${columns.length > 1 ? 's' : ''} ${columns.join(' and ')}.${columns.includes('labels') ? ' Several labels are separated by semicolons.' : ''}` })
    }
  }
}

/** The answer of `/explain` for rows: the effect of each feature. */
export function explanationOf (card: Card): Described {
  const { name, key, number, importance } = explained(card)
  const features = Type.Array(Type.Object({
    name: Type.String(),
    value: Type.Number(),
    importance: Type.Unsafe<number>({ ...importance, description: `The ${name}, minus its mean over the feature's range in the training data.` }),
    curve: Type.Array(Type.Object({ value: Type.Number(), [key]: number }), {
      description: `The ${name} for values of this feature over its range, with all other features unchanged.`
    })
  }), { description: 'One entry for each feature, in the order of the model.' })
  return {
    description: `The effect of each feature on the ${name}.`,
    content: { 'application/json': { schema: explanation(card, { features }) } }
  }
}
