import { Type, type Static } from '../lib/typebox.ts'

/** The lines that the service writes, for whatever collects them. No line holds a byte of what was sent. */

const What = {
  model: Type.String(),
  version: Type.String(),
  label: Type.String({ description: 'The most probable one.' }),
  confidence: Type.Number({ minimum: 0, maximum: 1, description: 'Its probability.' })
}

const Who = {
  reqId: Type.String({ description: "The answer's x-request-id." }),
  client: Type.Optional(Type.String({ description: 'Name of the API key.' }))
}

const durationMs = Type.Number({ description: 'From the request to the end of its answer.' })

/** One request, on the service's output. */
export const AccessLineSchema = Type.Object({
  level: Type.Enum(['debug', 'info']),
  time: Type.String({ format: 'date-time' }),
  pid: Type.Integer(),
  hostname: Type.String(),
  msg: Type.Literal('request'),
  ...Who,
  method: Type.String(),
  path: Type.String({ description: 'Without the query.' }),
  statusCode: Type.Optional(Type.Integer({ description: 'Of the answer, where there was one.' })),
  aborted: Type.Optional(Type.Literal(true, { description: 'The client left before the answer.' })),
  durationMs,
  address: Type.String({ description: 'Of the client.' }),
  inputs: Type.Optional(Type.Integer({ description: 'Predictions in the answer.' })),
  model: Type.Optional(What.model),
  version: Type.Optional(What.version),
  label: Type.Optional(Type.String({ description: 'The most probable one, of a single prediction.' })),
  confidence: Type.Optional(What.confidence)
}, { additionalProperties: false })

/** What a request adds to what the logger writes into every line. */
export type AccessFields = Omit<Static<typeof AccessLineSchema>, 'level' | 'time' | 'pid' | 'hostname' | 'msg' | 'reqId'>

/** One prediction, in the file PREDICTION_LOG. */
export const PredictionLineSchema = Type.Object({
  time: Type.String({ format: 'date-time' }),
  ...Who,
  input: Type.Integer({ minimum: 0, description: 'Its place in the request.' }),
  ...What,
  index: Type.Integer({ minimum: 0, description: "The label's place in the model's list." }),
  durationMs
}, { additionalProperties: false })

export type PredictionLine = Static<typeof PredictionLineSchema>
