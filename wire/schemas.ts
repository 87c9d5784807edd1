import { Type, type Static, type TSchema } from '../lib/typebox.ts'
import { AboutSchema } from '../lib/card/about.ts'
import { CardSchema, type Card } from '../lib/card/card.ts'

/** The shapes that cross the wire. Whatever differs between models is a function of the card. */

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

export const predictHeaders = (deadline: number) => Type.Object({
  'x-deadline-ms': Type.Optional(Type.Integer({
    minimum: 1, maximum: deadline, description: `Milliseconds until the answer is no longer wanted; ${deadline} where it is not said.`
  }))
})

/** Bodies by content type. */
export type Content = Record<string, { schema: TSchema }>

export interface Described {
  description: string
  content: Content
}

/** Bytes, in a form or as a body. */
export const BINARY = { type: 'string', format: 'binary' } as const

export const Probability = Type.Number({ minimum: 0, maximum: 1 })

/** How far a probability moves. */
export const Importance = Type.Number({ minimum: -1, maximum: 1 })

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

/**
 * The answer: one prediction, or a list of them when the request held several inputs.
 *
 * @param more content types that the modality adds
 */
export function predictAnswer (card: Card, more: Content = {}): Described {
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
  const json = Type.Union([
    Type.Object({ ...prediction, ...modelProperties(card) }, {
      title: 'Prediction', description: 'For one input.', examples: [{ ...example, ...from }]
    }),
    Type.Object({
      predictions: Type.Array(Type.Object(prediction), { description: 'One for each input, in the same order.' }),
      ...modelProperties(card)
    }, { title: 'Predictions', description: 'For several inputs.', examples: [{ predictions: [example], ...from }] })
  ])
  return {
    description: 'The most probable label, and those after it.',
    content: { 'application/json': { schema: json }, ...more }
  }
}

/** What carried the answer to one input: the label, and what the modality adds. */
export function explanation (card: Card, reasons: Record<string, TSchema>): TSchema {
  return Type.Object({
    [card.labelKey]: Type.Enum(card.labels),
    probability: Probability,
    index: Type.Integer({ minimum: 0, maximum: card.labels.length - 1 }),
    ...reasons,
    ...modelProperties(card)
  }, { title: 'Explanation' })
}

export const InfoSchema = Type.Object({
  model: Type.String(),
  version: Type.String(),
  title: Type.Optional(Type.String()),
  description: Type.Optional(Type.String()),
  'input-size': Type.String({ description: 'Height × width × channels, in pixels; for rows, the number of features.', examples: ['64x64x3'] }),
  'num-classes': Type.Integer(),
  'pretrained-on': Type.Optional(Type.String()),
  architecture: AboutSchema.properties.architecture,
  training: AboutSchema.properties.training,
  dataset: AboutSchema.properties.dataset,
  performance: AboutSchema.properties.performance,
  licence: AboutSchema.properties.licence,
  limits: AboutSchema.properties.limits,
  'label-key': Type.String({ description: 'The key of a prediction that holds the label.' }),
  labels: Type.Array(Type.String(), { description: "In the order of the predictions' `index`." }),
  input: CardSchema.properties.input,
  formats: Type.Array(Type.String(), { description: 'Formats that are read.' }),
  service: Type.Object({
    'upload-limit': Type.Integer({ description: 'Bytes of one request.' }),
    'pixel-limit': Type.Integer({ description: 'Pixels of one picture.' }),
    'deadline-ms': Type.Integer(),
    'queue-limit': Type.Integer({ description: 'Inputs admitted at once.' }),
    workers: Type.Integer({ description: 'Worker threads; 0 runs the model on the event loop.' }),
    threads: Type.Integer({ description: "ONNX Runtime's threads in each." }),
    'max-batch': Type.Integer({ description: 'Inputs that run together at most.' }),
    calibration: Type.Array(Type.Object({
      workers: Type.Integer(),
      threads: Type.Integer(),
      batch: Type.Integer({ description: 'Inputs in a run.' }),
      rate: Type.Number({ description: 'Inputs a second, with every worker busy.' }),
      latency: Type.Number({ description: 'Milliseconds of a run.' })
    }), { description: 'The layouts that were tried at start-up.' })
  }, { description: 'Limits and layout of this service.' })
})

export type Info = Static<typeof InfoSchema>
