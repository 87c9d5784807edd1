import type { Card } from '../../lib/card/card.ts'
import type { TableInput } from '../../lib/modalities/table/input.ts'
import { Type } from '../../lib/typebox.ts'
import { BINARY, explanation, Importance, Probability, type Content, type Described } from '../schemas.ts'

/** The body of a prediction, for each content type that it may come as, with rows that work. */
export function rowBody ({ features }: TableInput): { content: Content } {
  const feature = ({ unit, min, max, example }: TableInput['features'][number]) => Type.Number({
    description: `${unit ? `In ${unit}. ` : ''}${min} to ${max} in training.`, examples: [example]
  })
  const byName = Type.Object(Object.fromEntries(features.map(each => [each.name, feature(each)])), {
    additionalProperties: false, title: 'Row by feature name', examples: [Object.fromEntries(features.map(({ name, example }) => [name, example]))]
  })
  const inOrder = Type.Array(Type.Number(), {
    minItems: features.length, maxItems: features.length, title: 'Row', description: features.map(({ name }) => name).join(', ')
  })
  const row = Type.Union([inOrder, byName])
  const example = features.map(({ example }) => example)
  const csv = `${features.map(({ name }) => name).join()}\n${example.join()}\n`
  return {
    content: {
      'application/json': {
        schema: Type.Union([inOrder, byName, Type.Array(row, { title: 'Rows' }), Type.Object({ instances: Type.Array(row) }, { title: 'Instances' })], {
          'x-read-by-hand': true, examples: [example]
        })
      },
      'text/csv': {
        schema: Type.String({ description: 'Rows, with or without a header; other columns are left alone.', examples: [csv] })
      },
      'multipart/form-data': {
        schema: Type.Object({
          ...Object.fromEntries(features.map(each => [each.name, Type.Optional(feature(each))])),
          file: Type.Optional(Type.Unsafe<unknown>({ ...BINARY, description: 'A CSV file, instead of the fields.' }))
        }, { description: 'A field for each feature, or a CSV file.' })
      }
    }
  }
}

/** The answer to CSV where CSV is asked for. */
export function csvAnswer ({ labelKey }: Card): Content {
  return {
    'text/csv': {
      schema: Type.String({ description: `For CSV with Accept: text/csv. The rows, with the columns ${labelKey} and probability appended.` })
    }
  }
}

/** What carried the answer: each feature of the row. */
export function explanationOf (card: Card): Described {
  const features = Type.Array(Type.Object({
    name: Type.String(),
    value: Type.Number(),
    importance: Type.Unsafe<number>({ ...Importance, description: "The label's probability, less its mean over the feature's range in training." }),
    curve: Type.Array(Type.Object({ value: Type.Number(), probability: Probability }), {
      description: "The label's probability for values of this feature over its range, the others left alone."
    })
  }), { description: "In the order of the model's features." })
  return {
    description: 'What each feature did for the answer.',
    content: { 'application/json': { schema: explanation(card, { features }) } }
  }
}
