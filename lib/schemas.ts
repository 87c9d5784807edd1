import { Type, type Static, type TSchema } from 'typebox'
import { IMAGE_FORMATS } from './input/image.ts'
import { CardSchema, type Card } from './model/card.ts'

/** The shapes that cross the wire. Whatever differs between models is a function of the card. */

const Probability = Type.Number({ minimum: 0, maximum: 1 })

export const ErrorSchema = Type.Object({
  statusCode: Type.Integer(),
  code: Type.String({ description: 'Stable, for programs.' }),
  error: Type.String({ description: "The status's own words." }),
  message: Type.String({ description: 'What is wrong and what to do, for people.' })
}, { $id: 'Error', description: 'Why the request was not answered.' })

/** A reference to `ErrorSchema`, for each status that a route can answer besides success. */
export function errors<const Status extends number> (...statuses: Status[]): Record<Status, TSchema> {
  const reference = Type.Ref('Error')
  return Object.fromEntries(statuses.map(status => [status, reference])) as Record<Status, typeof reference>
}

export const StatusSchema = Type.Object({
  status: Type.Enum(['live', 'ready']),
  model: Type.Optional(Type.String()),
  version: Type.Optional(Type.String()),
  uptime: Type.Optional(Type.Number({ description: 'Seconds since the process started.' })),
  queued: Type.Optional(Type.Integer({ description: 'Inputs that wait for a worker.' })),
  running: Type.Optional(Type.Integer({ description: 'Inputs in a run.' })),
  workers: Type.Optional(Type.Integer({ description: 'Worker threads that are up.' }))
})

export const predictQuery = (card: Card, topK: number) => Type.Object({
  top_k: Type.Optional(Type.Integer({
    minimum: 1,
    maximum: card.labels.length,
    default: Math.min(topK, card.labels.length),
    description: 'How many labels `top` holds, most probable first.'
  }))
}, { additionalProperties: false })

/** The body of a prediction for each content type it may come as. */
export function predictBody (example: string): { content: Record<string, { schema: TSchema }> } {
  const binary = { type: 'string', format: 'binary' } as const
  return {
    content: {
      'multipart/form-data': {
        schema: Type.Object({
          file: Type.Unsafe<unknown>({
            ...binary, description: `A picture (${IMAGE_FORMATS.join(', ')}). Repeat the field for several; any field name will do.`
          })
        })
      },
      'application/json': {
        schema: Type.Object({
          image: Type.String({ minLength: 1, description: 'A picture in base64; a data: URL will do.' })
        }, { additionalProperties: false, examples: [{ image: example }] })
      },
      ...Object.fromEntries(['image/jpeg', 'image/png', 'image/webp', 'application/octet-stream'].map(type => [type, {
        schema: Type.Unsafe<unknown>({ ...binary, description: 'The bytes of one picture; its format is sniffed from them.' })
      }]))
    }
  }
}

const RankedSchema = (label: TSchema, card: Card) => Type.Object({
  label, index: Type.Integer({ minimum: 0, maximum: card.labels.length - 1 }), probability: Probability
})

const predictionProperties = (card: Card, label: TSchema) => ({
  [card.labelKey]: label,
  probability: Probability,
  index: Type.Integer({ minimum: 0, maximum: card.labels.length - 1, description: "The label's place in the list of labels." }),
  top: Type.Array(RankedSchema(label, card), { description: 'The most probable labels, most probable first.' })
})

const modelProperties = (card: Card) => ({
  model: Type.String({ examples: [card.name] }),
  version: Type.String({ examples: [card.version] })
})

/** The answer: one prediction, or a list of them when the request held several inputs. */
export function predictAnswer (card: Card): TSchema {
  const label = Type.Enum(card.labels)
  const prediction = predictionProperties(card, label)
  const [first, second] = card.labels
  const example = {
    [card.labelKey]: first,
    probability: 0.97,
    index: 0,
    top: [{ label: first, index: 0, probability: 0.97 }, { label: second, index: 1, probability: 0.02 }]
  }
  const from = { model: card.name, version: card.version }
  return Type.Union([
    Type.Object({ ...prediction, ...modelProperties(card) }, {
      title: 'Prediction', description: 'For one input.', examples: [{ ...example, ...from }]
    }),
    Type.Object({
      predictions: Type.Array(Type.Object(prediction), { description: 'One for each input, in the same order.' }),
      ...modelProperties(card)
    }, { title: 'Predictions', description: 'For several inputs.', examples: [{ predictions: [example], ...from }] })
  ])
}

export const InfoSchema = Type.Object({
  model: Type.String(),
  version: Type.String(),
  title: Type.String(),
  description: Type.String(),
  'input-size': Type.String({ description: 'Height × width × channels, in pixels.', examples: ['64x64x3'] }),
  'num-classes': Type.Integer(),
  'pretrained-on': Type.String(),
  architecture: Type.String(),
  training: Type.String(),
  dataset: CardSchema.properties.dataset,
  performance: CardSchema.properties.performance,
  licence: Type.String(),
  limits: Type.Array(Type.String(), { description: 'What the model cannot do.' }),
  'label-key': Type.String({ description: 'The key of a prediction that holds the label.' }),
  labels: Type.Array(Type.String(), { description: "In the order of the predictions' `index`." }),
  input: CardSchema.properties.input,
  formats: Type.Array(Type.String(), { description: 'Picture formats that are read.' }),
  service: Type.Object({
    'upload-limit': Type.Integer({ description: 'Bytes of one request.' }),
    'pixel-limit': Type.Integer({ description: 'Pixels of one picture.' }),
    'deadline-ms': Type.Integer(),
    'queue-limit': Type.Integer({ description: 'Inputs admitted at once.' }),
    workers: Type.Integer(),
    threads: Type.Integer(),
    'max-batch': Type.Integer()
  }, { description: 'Limits and layout of this service.' })
})

export type Info = Static<typeof InfoSchema>
