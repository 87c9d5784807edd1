import { Type, type Static, type TSchema } from '../lib/typebox.ts'
import { AboutSchema } from '../lib/card/about.ts'
import { CardSchema, type Card } from '../lib/card/card.ts'

/** Schemas of requests and answers. A schema that depends on the model is a function of its card. */

/** The body of an error response. */
export const ErrorSchema = Type.Object({
  statusCode: Type.Integer({ description: 'HTTP status.' }),
  code: Type.String({ description: 'Error code for programs. It never changes.' }),
  error: Type.String({ description: 'Standard text of the HTTP status.' }),
  message: Type.String({ description: 'Message for people: what is wrong, and what to do.' })
}, { $id: 'Error', description: 'An error.' })

/** Response schemas of a route for these error statuses. */
export function errors<const Status extends number> (...statuses: Status[]): Record<Status, TSchema> {
  const reference = Type.Ref('Error')
  return Object.fromEntries(statuses.map(status => [status, reference])) as Record<Status, typeof reference>
}

/** Body of the probes. */
export const StatusSchema = Type.Object({
  status: Type.Enum(['live', 'ready']),
  model: Type.Optional(Type.String({ description: 'Name of the model.' })),
  version: Type.Optional(Type.String({ description: 'Version of the model.' })),
  uptime: Type.Optional(Type.Number({ description: 'Seconds since the process started.' })),
  queued: Type.Optional(Type.Integer({ description: 'Number of inputs that wait for a worker.' })),
  running: Type.Optional(Type.Integer({ description: 'Number of inputs that the model is running on now.' })),
  workers: Type.Optional(Type.Integer({ description: 'Number of workers that have loaded the model.' }))
})

/** Query of `/predict`. @param topK default of `top_k` */
export const predictQuery = (card: Card, topK: number) => Type.Object({
  top_k: Type.Optional(Type.Integer({
    minimum: 1,
    maximum: card.labels.length,
    default: Math.min(topK, card.labels.length),
    description: 'Number of labels in `top`.'
  }))
}, { additionalProperties: false })

/** Headers of `/predict` and `/explain`. @param deadlineMs DEADLINE_MS */
export const predictHeaders = (deadlineMs: number) => Type.Object({
  'x-deadline-ms': Type.Optional(Type.Integer({
    minimum: 1, maximum: deadlineMs, description: `Milliseconds from the complete request to its answer; after that the answer is 504. Default: ${deadlineMs}.`
  }))
})

/** Schemas of a body, by content type. */
export type Content = Record<string, { schema: TSchema }>

/** A response in the OpenAPI document. */
export interface Described {
  description: string
  content: Content
}

/** Schema of binary data, in a form or as a body. */
export const BINARY = { type: 'string', format: 'binary' } as const

/** A probability. */
export const Probability = Type.Number({ minimum: 0, maximum: 1 })

/** A difference of two probabilities. */
export const Importance = Type.Number({ minimum: -1, maximum: 1 })

const RankedSchema = (label: TSchema, card: Card) => Type.Object({
  label, index: Type.Integer({ minimum: 0, maximum: card.labels.length - 1 }), probability: Probability
})

const predictionProperties = (card: Card, label: TSchema) => ({
  [card.labelKey]: label,
  probability: Probability,
  index: Type.Integer({ minimum: 0, maximum: card.labels.length - 1, description: 'Place of the label in the list of labels, from 0.' }),
  top: Type.Array(RankedSchema(label, card), { description: 'The most probable labels, most probable first.' })
})

const modelProperties = (card: Card) => ({
  model: Type.String({ examples: [card.name] }),
  version: Type.String({ examples: [card.version] })
})

/**
 * The answer of `/predict`: one prediction, or a list of predictions if the request had a list of inputs.
 *
 * @param more schemas of further content types of the modality
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
  const model = { model: card.name, version: card.version }
  const json = Type.Union([
    Type.Object({ ...prediction, ...modelProperties(card) }, {
      title: 'Prediction', description: 'Answer to one input.', examples: [{ ...example, ...model }]
    }),
    Type.Object({
      predictions: Type.Array(Type.Object(prediction), { description: 'One prediction for each input, in the same order.' }),
      ...modelProperties(card)
    }, { title: 'Predictions', description: 'Answer to several inputs.', examples: [{ predictions: [example], ...model }] })
  ])
  return {
    description: 'The most probable label of each input, and the labels after it.',
    content: { 'application/json': { schema: json }, ...more }
  }
}

/**
 * The answer of `/explain`, as JSON.
 *
 * @param reasons schemas of the fields that the modality adds
 */
export function explanation (card: Card, reasons: Record<string, TSchema>): TSchema {
  return Type.Object({
    [card.labelKey]: Type.Enum(card.labels),
    probability: Probability,
    index: Type.Integer({ minimum: 0, maximum: card.labels.length - 1 }),
    ...reasons,
    ...modelProperties(card)
  }, { title: 'Explanation' })
}

/** Body of `/info`. */
export const InfoSchema = Type.Object({
  model: Type.String(),
  version: Type.String(),
  title: Type.Optional(Type.String()),
  description: Type.Optional(Type.String()),
  'input-size': Type.String({ description: 'Size of an input: height × width × channels for pictures, number of features for rows.', examples: ['64x64x3'] }),
  'num-classes': Type.Integer({ description: 'Number of labels.' }),
  'pretrained-on': Type.Optional(Type.String()),
  architecture: AboutSchema.properties.architecture,
  training: AboutSchema.properties.training,
  dataset: AboutSchema.properties.dataset,
  performance: AboutSchema.properties.performance,
  licence: AboutSchema.properties.licence,
  limits: AboutSchema.properties.limits,
  'label-key': Type.String({ description: 'Name of the field of a prediction that holds the label.' }),
  labels: Type.Array(Type.String(), { description: 'All labels. Their order is the `index` of the predictions.' }),
  input: CardSchema.properties.input,
  formats: Type.Array(Type.String(), { description: 'Supported formats of an input.' }),
  service: Type.Object({
    'upload-limit': Type.Integer({ description: 'Largest size of a request body in bytes.' }),
    'pixel-limit': Type.Integer({ description: 'Largest number of pixels (width × height) of a picture.' }),
    'deadline-ms': Type.Integer({ description: 'Milliseconds from the complete request to its answer, at most.' }),
    'queue-limit': Type.Integer({ description: 'Largest number of inputs that are being read, waiting or running.' }),
    workers: Type.Integer({ description: 'Worker threads; 0: the model runs on the event loop.' }),
    threads: Type.Integer({ description: 'ONNX Runtime threads in each worker.' }),
    'max-batch': Type.Integer({ description: 'Largest number of inputs in a batch.' }),
    calibration: Type.Array(Type.Object({
      workers: Type.Integer({ description: 'Worker threads; 0: the model runs on the event loop.' }),
      threads: Type.Integer({ description: 'ONNX Runtime threads in each worker.' }),
      batch: Type.Integer({ description: 'Inputs in a batch.' }),
      rate: Type.Number({ description: 'Inputs per second, if all workers are busy.' }),
      latency: Type.Number({ description: 'Milliseconds of the fastest run of the model on one batch.' })
    }), { description: 'Measurements of the layouts that were tried at start-up.' })
  }, { description: 'Limits and layout of this service.' })
})

/** Body of `/info`. */
export type Info = Static<typeof InfoSchema>
