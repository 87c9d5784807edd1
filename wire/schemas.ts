import { Type, type Static, type TSchema } from '../lib/typebox.ts'
import { AboutSchema } from '../lib/card/about.ts'
import { CardSchema, type Card } from '../lib/card/card.ts'
import { FAULT_LIMIT } from '../lib/modalities/row-faults.ts'
import { hasProbabilities } from '../lib/output/prediction.ts'
import { columnsOf } from './answer.ts'

/** Schemas of requests and answers. A schema that depends on the model is a function of its card. */

/** The body of an error response. */
export const ErrorSchema = Type.Object({
  statusCode: Type.Integer({ description: 'HTTP status.' }),
  code: Type.String({ description: 'Error code for programs. It never changes.' }),
  error: Type.String({ description: 'Standard text of the HTTP status.' }),
  message: Type.String({ description: 'Message for people: what is wrong, and what to do.' }),
  faults: Type.Optional(Type.Array(Type.Object({
    row: Type.Integer({ minimum: 1, description: 'Number of the row. A header does not count.' }),
    message: Type.String({ description: 'What is wrong with it, and what to do.' })
  }), { maxItems: FAULT_LIMIT, description: 'If rows of a CSV file are wrong: each of them, or the first ones. The message is that of the first.' }))
}, { $id: 'Error', description: 'An error.' })

/** Response schemas of a route for these error statuses. */
export function errors<const Status extends number> (...statuses: Status[]): Record<Status, TSchema> {
  return errorsAs('Error', ...statuses)
}

/** As `errors`, in the shape of a dialect. @param id of the schema of its errors */
export function errorsAs<const Status extends number> (id: string, ...statuses: Status[]): Record<Status, TSchema> {
  const reference = Type.Ref(id)
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

/** Query of `/predict`. Only an answer with probabilities has `top`. @param topK default of `top_k` */
export const predictQuery = (card: Card, topK: number) => Type.Unsafe<{ top_k?: number }>(Type.Object(hasProbabilities(card.output)
  ? {
      top_k: Type.Optional(Type.Integer({
        minimum: 1,
        maximum: card.labels.length,
        default: Math.min(topK, card.labels.length),
        description: 'Number of labels in `top`.'
      }))
    }
  : {}, { additionalProperties: false }))

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

/** What an explanation follows, and how its OpenAPI schema calls and bounds it. */
export function explained ({ output }: Card): { /** Name for people. */ name: string, /** Name of the field. */ key: string, number: TSchema, /** A difference of two such numbers. */ importance: TSchema } {
  return output.kind === 'value'
    ? { name: 'value', key: 'prediction', number: Type.Number(), importance: Type.Number() }
    : { name: 'probability of the label', key: 'probability', number: Probability, importance: Importance }
}

/** A label. Names that occur twice, as `crane` in ImageNet does, are listed once. */
const labelOf = ({ labels }: Card) => labels.length === 0 ? Type.String() : Type.Enum([...new Set(labels)])

const Index = ({ labels }: Card) => Type.Integer({ minimum: 0, maximum: labels.length - 1, description: 'Place of the label in the list of labels, from 0.' })

const RankedSchema = (card: Card) => Type.Object({
  label: labelOf(card), index: Type.Integer({ minimum: 0, maximum: card.labels.length - 1 }), probability: Probability
})

const Outputs = Type.Unsafe<Record<string, unknown>>({
  type: 'object',
  description: 'The output tensors of the model, by name, as nested lists. A float32 has the fewest digits that make the same float32 again. An integer of 64 bits has all its digits, which not every JSON parser keeps beyond 2^53. NaN and infinity are the texts "NaN", "Infinity" and "-Infinity".'
})

/** The fields of a prediction, an example of them, and what they are, for each kind of answer. */
export function predictionOf (card: Card): { properties: Record<string, TSchema>, example: Record<string, unknown>, description: string } {
  const { labelKey, labels, output: { kind } } = card
  const [first = 'label', second] = labels
  const top = [first, ...second === undefined ? [] : [second]].map((label, index) => ({ label, index, probability: index === 0 ? 0.97 : 0.02 }))
  const probabilities = { [labelKey]: labelOf(card), probability: Probability, index: Index(card) }
  const ranking = { top: Type.Array(RankedSchema(card), { description: 'The most probable labels, most probable first.' }) }
  const answer = { [labelKey]: first, probability: 0.97, index: 0 }
  switch (kind) {
    case 'classes':
    case 'binary': return {
      properties: { ...probabilities, ...ranking },
      example: { ...answer, top },
      description: 'The most probable label of each input, and the labels after it.'
    }
    case 'labels': return {
      properties: { ...probabilities, labels: Type.Array(RankedSchema(card), { description: 'All labels whose probability reaches the threshold of the model, most probable first.' }), ...ranking },
      example: { ...answer, labels: top.slice(0, 1), top },
      description: 'The labels of each input that reach the threshold, the most probable label, and the labels after it.'
    }
    case 'label': return {
      properties: { [labelKey]: labelOf(card), ...labels.length > 0 && { index: Index(card) } },
      example: { [labelKey]: first, ...labels.length > 0 && { index: 0 } },
      description: 'The label of each input. This model gives no probabilities.'
    }
    case 'value': return { properties: { [labelKey]: Type.Number() }, example: { [labelKey]: 3.2 }, description: 'The number that the model computes for each input.' }
    case 'tensors': return { properties: { outputs: Outputs }, example: { outputs: { output: [[0.25, 0.75]] } }, description: 'The output tensors of the model for each input.' }
  }
}

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
  const { properties, example, description } = predictionOf(card)
  const model = { model: card.name, version: card.version }
  const json = Type.Union([
    Type.Object({ ...properties, ...modelProperties(card) }, {
      title: 'Prediction', description: 'Answer to one input.', examples: [{ ...example, ...model }]
    }),
    Type.Object({
      predictions: Type.Array(Type.Object(properties), { description: 'One prediction for each input, in the same order.' }),
      ...modelProperties(card)
    }, { title: 'Predictions', description: 'Answer to several inputs.', examples: [{ predictions: [example], ...model }] })
  ])
  const bare = bareAnswerOf(card)
  return { description, content: { 'application/json': { schema: json }, ...bare && { 'text/plain': { schema: bare } }, ...more } }
}

/** The answer of `/predict` as CSV, if it fits into columns. */
export function csvAnswer (card: Card): Content {
  const columns = columnsOf(card)
  if (columns.length === 0) return {}
  return {
    'text/csv': {
      schema: Type.String({ description: `For Accept: text/csv: the rows of a CSV request with the additional column${columns.length > 1 ? 's' : ''} ${columns.join(' and ')}; for other requests, ${columns.length > 1 ? 'these columns' : 'this column'} alone, with a header.${columns.includes('labels') ? ' Several labels are separated by semicolons.' : ''}` })
    }
  }
}

/** The answer of `/predict` as text, or `null` where there is none. */
function bareAnswerOf ({ labels: [first], output: { kind } }: Card): TSchema | null {
  switch (kind) {
    case 'tensors': return null
    case 'labels': return Type.String({ description: `For Accept: text/plain: the indices of the labels of an input, separated by commas. ${LINES}`, examples: ['0,1'] })
    case 'value': return Type.String({ description: `For Accept: text/plain: the number alone. ${LINES}`, examples: ['3.2'] })
    default: return Type.String({ description: `For Accept: text/plain: the ${first === undefined ? 'label' : 'index of the label'} alone. ${LINES}`, examples: [first === undefined ? 'label' : '0'] })
  }
}

const LINES = 'Several inputs are answered with a line for each.'

/**
 * The answer of `/explain`, as JSON.
 *
 * @param reasons schemas of the fields that the modality adds
 */
export function explanation (card: Card, reasons: Record<string, TSchema>): TSchema {
  return Type.Object({
    ...explainedProperties(card),
    ...reasons,
    ...modelProperties(card)
  }, { title: 'Explanation' })
}

/** The fields of an explanation that say what is explained. */
export function explainedProperties (card: Card): Record<string, TSchema> {
  if (card.output.kind === 'value') return { [card.labelKey]: Type.Number() }
  return { [card.labelKey]: labelOf(card), probability: Probability, index: Type.Integer({ minimum: 0, maximum: card.labels.length - 1 }) }
}

/** Body of `/info`. */
export const InfoSchema = Type.Object({
  model: Type.String(),
  version: Type.String(),
  title: Type.Optional(Type.String()),
  description: Type.Optional(Type.String()),
  'input-size': Type.String({ description: 'Size of an input: height × width × channels for pictures, number of features for rows.', examples: ['64x64x3'] }),
  'num-classes': Type.Integer({ description: 'Number of labels; 0 for a model that answers a number or plain tensors, or whose labels are not known.' }),
  'pretrained-on': Type.Optional(Type.String()),
  architecture: AboutSchema.properties.architecture,
  training: AboutSchema.properties.training,
  dataset: AboutSchema.properties.dataset,
  performance: AboutSchema.properties.performance,
  licence: AboutSchema.properties.licence,
  limits: AboutSchema.properties.limits,
  'label-key': Type.String({ description: 'Name of the field of a prediction that holds the label or the number.' }),
  labels: Type.Array(Type.String(), { description: 'All labels. Their order is the `index` of the predictions.' }),
  input: CardSchema.properties.input,
  output: CardSchema.properties.output,
  assumptions: Type.Array(Type.Object({
    field: Type.String({ description: 'JSON pointer of the field of the card.' }),
    assumed: Type.String({ description: 'What was assumed.' }),
    because: Type.String({ description: 'Why it had to be assumed.' }),
    card: Type.String({ description: 'The lines of card.json that settle it.' })
  }), { description: 'What the files of the model do not say, and was assumed.' }),
  sources: Type.Array(Type.String(), { description: 'What the service has read to know how to use the model.' }),
  formats: Type.Array(Type.String(), { description: 'Supported formats of an input.' }),
  service: Type.Object({
    'upload-limit': Type.Integer({ description: 'Largest size of a request body in bytes.' }),
    'pixel-limit': Type.Integer({ description: 'Largest number of pixels (width × height) of a picture.' }),
    'text-limit': Type.Integer({ description: 'Largest number of characters of a text.' }),
    'deadline-ms': Type.Integer({ description: 'Milliseconds from the complete request to its answer, at most.' }),
    'queue-limit': Type.Integer({ description: 'Largest number of inputs that are being read, waiting or running.' }),
    workers: Type.Integer({ description: 'Worker threads; 0: the model runs on the event loop.' }),
    threads: Type.Integer({ description: 'ONNX Runtime threads in each worker.' }),
    'max-batch': Type.Integer({ description: 'Largest number of inputs in a batch.' }),
    'execution-providers': Type.Array(Type.String(), { description: 'Execution providers of ONNX Runtime in the order of preference.', examples: [['cpu']] }),
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
