import { Type, type Static, type TSchema } from './typebox.ts'
import { IMAGE_FORMATS } from './input/image.ts'
import { CardSchema, type Card, type TableInput } from './model/card.ts'

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

export const predictHeaders = (deadline: number) => Type.Object({
  'x-deadline-ms': Type.Optional(Type.Integer({
    minimum: 1, maximum: deadline, description: `Milliseconds until the answer is no longer wanted; ${deadline} where it is not said.`
  }))
})

type Body = { content: Record<string, { schema: TSchema }> }

const BINARY = { type: 'string', format: 'binary' } as const

/**
 * The body of a prediction, for each content type it may come as.
 *
 * @param example a picture that works, in base64
 */
export function pictureBody (example: string): Body {
  return {
    content: {
      'multipart/form-data': {
        schema: Type.Object({
          file: Type.Unsafe<unknown>({
            ...BINARY, description: `A picture (${IMAGE_FORMATS.join(', ')}). Repeat the field for several; any field name will do.`
          })
        })
      },
      'application/json': {
        schema: Type.Object({
          image: Type.String({ minLength: 1, description: 'A picture in base64; a data: URL will do.' })
        }, { additionalProperties: false, examples: [{ image: example }] })
      },
      ...Object.fromEntries(['image/jpeg', 'image/png', 'image/webp', 'application/octet-stream'].map(type => [type, {
        schema: Type.Unsafe<unknown>({ ...BINARY, description: 'The bytes of one picture; its format is sniffed from them.' })
      }]))
    }
  }
}

/** @see pictureBody */
export function rowBody ({ features }: TableInput): Body {
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

/** The answer: one prediction, or a list of them when the request held several inputs; CSV where CSV was asked for. */
export function predictAnswer (card: Card): { description: string, content: Record<string, { schema: TSchema }> } {
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
  const csv = Type.String({ description: `For CSV with Accept: text/csv. The rows, with the columns ${card.labelKey} and probability appended.` })
  return {
    description: 'The most probable label, and those after it.',
    content: { 'application/json': { schema: json }, ...(card.input.kind === 'table' && { 'text/csv': { schema: csv } }) }
  }
}

/** What carried the answer: cells of a picture, or features of a row. */
export function explainAnswer (card: Card): { description: string, content: Record<string, { schema: TSchema }> } {
  const answer = {
    [card.labelKey]: Type.Enum(card.labels),
    probability: Probability,
    index: Type.Integer({ minimum: 0, maximum: card.labels.length - 1 })
  }
  const importance = Type.Number({ minimum: -1, maximum: 1 })
  if (card.input.kind === 'table') {
    const features = Type.Array(Type.Object({
      name: Type.String(),
      value: Type.Number(),
      importance: Type.Unsafe<number>({ ...importance, description: "The label's probability, less its mean over the feature's range in training." }),
      curve: Type.Array(Type.Object({ value: Type.Number(), probability: Probability }), {
        description: "The label's probability for values of this feature over its range, the others left alone."
      })
    }), { description: "In the order of the model's features." })
    return {
      description: 'What each feature did for the answer.',
      content: { 'application/json': { schema: Type.Object({ ...answer, features, ...modelProperties(card) }, { title: 'Explanation' }) } }
    }
  }
  const map = Type.Array(Type.Array(importance), {
    description: "Lines of cells of what the model sees: how far the label's probability falls on average when a part that covers the cell is hidden."
  })
  const overlay = Type.String({ description: 'What the model sees, with those cells glowing: a data: URL of a PNG.' })
  return {
    description: 'Which parts of the picture carried the answer.',
    content: {
      'application/json': { schema: Type.Object({ ...answer, importance: map, overlay, ...modelProperties(card) }, { title: 'Explanation' }) },
      'image/png': { schema: Type.Unsafe<unknown>({ ...BINARY, description: 'The overlay alone, for Accept: image/png.' }) }
    }
  }
}

export const InfoSchema = Type.Object({
  model: Type.String(),
  version: Type.String(),
  title: Type.String(),
  description: Type.String(),
  'input-size': Type.String({ description: 'Height × width × channels, in pixels; for rows, the number of features.', examples: ['64x64x3'] }),
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
