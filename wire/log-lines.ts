import { randomUUID } from 'node:crypto'
import type { Prediction } from '../lib/output/prediction.ts'
import { Type, type Static } from '../lib/typebox.ts'

/** Schemas of the log lines, for log collectors. No line contains data of an input. */

const predictionFields = {
  model: Type.String({ description: 'Name of the model.' }),
  version: Type.String({ description: 'Version of the model.' })
}

const answerFieldSchemas = {
  label: Type.Optional(Type.String({ description: 'The label, or the most probable one of several.' })),
  confidence: Type.Optional(Type.Number({ minimum: 0, maximum: 1, description: 'Probability of the label.' })),
  labels: Type.Optional(Type.Array(Type.String(), { description: 'All labels that reach the threshold, if the model gives several labels at once.' })),
  value: Type.Optional(Type.Number({ description: 'The number, if the model answers a number.' }))
}

const requestFields = {
  reqId: Type.String({ description: 'Id of the request; the header x-request-id of the answer.' }),
  client: Type.Optional(Type.String({ description: 'Name of the API key.' }))
}

const durationMs = Type.Number({ description: 'Milliseconds from the request to the end of its answer.' })

/** The access log: one line for each request, on stdout. */
export const AccessLineSchema = Type.Object({
  level: Type.Enum(['debug', 'info']),
  time: Type.String({ format: 'date-time' }),
  pid: Type.Integer(),
  hostname: Type.String(),
  msg: Type.Literal('request'),
  ...requestFields,
  method: Type.String(),
  path: Type.String({ description: 'Path of the URL, without the query.' }),
  statusCode: Type.Optional(Type.Integer({ description: 'Status of the answer; missing if there was none.' })),
  aborted: Type.Optional(Type.Literal(true, { description: 'The client disconnected before the answer.' })),
  durationMs,
  address: Type.String({ description: 'IP address of the client.' }),
  inputs: Type.Optional(Type.Integer({ description: 'Number of predictions in the answer.' })),
  model: Type.Optional(predictionFields.model),
  version: Type.Optional(predictionFields.version),
  // Only if the answer has one prediction.
  ...answerFieldSchemas
}, { additionalProperties: false })

/** The fields of an access log line that the logger does not add to every line itself. */
export type AccessFields = Omit<Static<typeof AccessLineSchema>, 'level' | 'time' | 'pid' | 'hostname' | 'msg' | 'reqId'>

/** The prediction log: one line for each prediction, in the file PREDICTION_LOG. */
export const PredictionLineSchema = Type.Object({
  time: Type.String({ format: 'date-time' }),
  ...requestFields,
  input: Type.Integer({ minimum: 0, description: 'Place of the input in the request, from 0.' }),
  ...predictionFields,
  ...answerFieldSchemas,
  index: Type.Optional(Type.Integer({ minimum: 0, description: 'Place of the label in the list of labels, from 0.' })),
  durationMs
}, { additionalProperties: false })

/** A line of the prediction log. */
export type PredictionLine = Static<typeof PredictionLineSchema>

/** The id of a request: the caller's `x-request-id` if it is valid, else a new UUID. */
export function requestIdOf (given: unknown): string {
  return typeof given === 'string' && /^[\w.:/+=-]{1,128}$/.test(given) ? given : randomUUID()
}

/** The fields of a log line that say what was answered. Plain tensors are too long for a line. */
export function answerFields (prediction: Prediction): Pick<AccessFields, keyof typeof answerFieldSchemas> {
  switch (prediction.kind) {
    case 'classes': return { label: prediction.first.label, confidence: prediction.first.probability }
    case 'labels': return { label: prediction.first.label, confidence: prediction.first.probability, labels: prediction.labels.map(({ label }) => label) }
    case 'label': return { label: prediction.label }
    case 'value': return { value: prediction.value }
    case 'tensors': return {}
  }
}

/** Place of the label that a log line names, if the card has it. */
export function indexOf (prediction: Prediction): number | undefined {
  if ('first' in prediction) return prediction.first.index
  return prediction.kind === 'label' ? prediction.index ?? undefined : undefined
}
