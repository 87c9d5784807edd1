import { STATUS_CODES } from 'node:http'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyError } from 'fastify'
import type { Card } from '../../lib/card/card.ts'
import type { Config } from '../../lib/config.ts'
import { FileMissing, MethodNotAllowed, NotFound, RequestInvalid } from '../../lib/errors.ts'
import { toCsv } from '../../lib/modalities/csv.ts'
import { hasProbabilities } from '../../lib/output/prediction.ts'
import { Type, type TSchema } from '../../lib/typebox.ts'
import { Form } from '../../wire/form.ts'
import { wireOf } from '../../wire/index.ts'
import type { WireModality } from '../../wire/modality.ts'
import { sendJson, sendJsonText } from '../../wire/plain-json.ts'
import { BINARY, errorsAs, predictHeaders, Probability, type Described } from '../../wire/schemas.ts'
import { textsOf, type PlainPrediction } from '../../wire/texts.ts'

const PREFIX = '/api/v1'

/** The column that an answer adds to CSV. */
const COLUMN = 'prediction'

/** The shape of FastAPI's errors. */
const KapitanErrorSchema = Type.Object({
  detail: Type.Union([
    Type.String({ description: 'Message for people: what is wrong, and what to do.' }),
    Type.Array(Type.Object({
      type: Type.String({ description: 'Always `missing`.' }),
      loc: Type.Array(Type.String(), { description: 'Place of the missing field.' }),
      msg: Type.String(),
      input: Type.Null()
    }), { description: 'The fields of the form that are missing.' })
  ])
}, { $id: 'KapitanError', description: 'An error.' })

/**
 * The API of services made from the Kapitan Hull template of AI Singapore. Their clients work unchanged.
 *
 * @see https://github.com/aisingapore/kapitan-hull
 */
const kapitan: FastifyPluginAsyncTypebox<{ config: Config }> = async (app, options) => {
  app.addSchema(KapitanErrorSchema)
  await app.register(routes, { ...options, prefix: PREFIX })
}

const routes: FastifyPluginAsyncTypebox<{ config: Config }> = async (app, { config }) => {
  const { card } = app.model
  const wire = wireOf(card, app.model.signature)
  const field = wire.fileKind === null ? null : `${wire.fileKind}_file`
  app.setErrorHandler<FastifyError>((thrown, request, reply) => {
    const error = app.problemOf(thrown, request, reply)
    if (error instanceof FileMissing && field !== null) {
      return sendJson(reply.code(422), { detail: [{ type: 'missing', loc: ['body', field], msg: 'Field required', input: null }] })
    }
    const { statusCode = 500, message } = error
    const isUnknown = error instanceof NotFound || error instanceof MethodNotAllowed
    return sendJson(reply.code(statusCode), { detail: isUnknown ? STATUS_CODES[statusCode] : message })
  })
  // Its own handler makes Fastify use the error handler of this plugin for paths below the prefix.
  app.setNotFoundHandler((request, reply) => { throw app.noRoute(request, reply) })

  app.get('/model/version', {
    config: { dialect: 'kapitan' },
    schema: {
      tags: ['Kapitan'],
      summary: 'Version of the model',
      response: { 200: Type.Object({ data: Type.Object({ model_uuid: Type.String() }) }, { examples: [{ data: { model_uuid: card.version } }] }) }
    }
  }, async (_request, reply) => sendJson(reply, { data: { model_uuid: card.version } }))

  app.get('/openapi.json', {
    config: { dialect: 'kapitan' },
    schema: { tags: ['Kapitan'], summary: 'The routes of Kapitan as OpenAPI 3.1', response: { 200: Type.Unsafe<unknown>({ type: 'object', additionalProperties: true }) } }
  }, async (request, reply) => {
    const { paths, tags, ...document } = app.openapiFor(request)
    const own = paths instanceof Object ? Object.entries(paths).filter(([path]) => path.startsWith(`${PREFIX}/`)) : []
    return sendJson(reply, { ...document, paths: Object.fromEntries(own) })
  })

  // A model of plain tensors takes neither pictures nor CSV.
  if (field === null) return
  const { queueLimit } = app.model.status()
  app.post('/model/predict', {
    config: { queues: 'normal', dialect: 'kapitan' },
    schema: {
      tags: ['Kapitan'],
      ...config.API_KEYS !== undefined && { security: [{ key: [] }] },
      summary: `Predict the ${card.labelKey}`,
      headers: predictHeaders(config.DEADLINE_MS),
      body: { content: { 'multipart/form-data': { schema: Type.Object({ [field]: Type.Unsafe<unknown>({ ...BINARY, description: wire.file }) }) } } },
      response: { 200: answerOf(card, wire), ...errorsAs('KapitanError', 400, 401, 413, 415, 422, 429, 503, 504) }
    }
  }, async (request, reply) => {
    const form = request.body instanceof Form ? request.body.filesOf(field) : new Form()
    if (form.files.length === 0) throw new FileMissing()
    if (wire.fileKind === 'csv' && !form.files.every(({ filename }) => /\.csv$/i.test(filename))) throw new RequestInvalid('Only CSV files are supported')
    const { items, table } = await wire.question(form, queueLimit)
    const { predictions, timing } = await app.model.predict(items, {
      topK: 1,
      deadline: request.headers['x-deadline-ms'] ?? config.DEADLINE_MS,
      onGone: stop => reply.onDisconnect(stop)
    })
    Object.assign(request.timing, timing)
    request.predictions = predictions
    if (table) {
      const csv = await toCsv(table, [COLUMN], [await textsOf(predictions, textOf)])
      return reply.type('text/csv; charset=utf-8').header('content-disposition', 'attachment; filename="predictions.csv"').send(csv)
    }
    const nameOf = (at: number) => JSON.stringify(form.files[at]?.filename)
    const data = await textsOf(
      predictions,
      (prediction, at) => `{"image_filename":${nameOf(at)},${JSON.stringify(fieldsOf(prediction)).slice(1)}`,
      (outputs, at) => `{"image_filename":${nameOf(at)},"prediction":${outputs}}`
    )
    return sendJsonText(reply, `{"data":[${data.join()}]}`)
  })
}

/** The prediction in a column of CSV. */
function textOf (prediction: PlainPrediction): string {
  switch (prediction.kind) {
    case 'classes':
    case 'labels': return prediction.first.label
    case 'label': return prediction.label
    case 'value': return String(prediction.value)
  }
}

/** The prediction of a picture: the place of its label in the list of labels, as text, and the label beside it. */
function fieldsOf (prediction: PlainPrediction): Record<string, unknown> {
  switch (prediction.kind) {
    case 'classes':
    case 'labels': {
      const { label, index, probability } = prediction.first
      return { prediction: String(index), label, probability }
    }
    case 'label': return { prediction: String(prediction.index ?? prediction.label), label: prediction.label }
    case 'value': return { prediction: String(prediction.value) }
  }
}

/** The answer of `/model/predict`. */
function answerOf (card: Card, { fileKind }: WireModality): Described {
  if (fileKind === 'csv') {
    const description = `The rows with the additional column ${COLUMN}.`
    return { description, content: { 'text/csv': { schema: Type.String({ description: `${description} A file named predictions.csv.` }) } } }
  }
  const { labels: [label = 'label'], output } = card
  const isValue = output.kind === 'value'
  const prediction: TSchema = output.kind === 'tensors'
    ? Type.Unsafe<unknown>({ type: 'object', description: 'The output tensors of the model, by name, as nested lists.' })
    : Type.String({ description: isValue ? 'The number that the model computes, as text.' : 'Place of the label in the list of labels, from 0, as text.' })
  const properties = {
    image_filename: Type.String({ description: 'Name of the file, as the client sent it.' }),
    prediction,
    ...!isValue && output.kind !== 'tensors' && { label: Type.String() },
    ...hasProbabilities(output) && { probability: Probability }
  }
  const example = {
    image_filename: 'a.png',
    prediction: isValue ? '3.2' : output.kind === 'tensors' ? { output: [[0.25, 0.75]] } : '0',
    ...'label' in properties && { label },
    ...hasProbabilities(output) && { probability: 0.97 }
  }
  const schema = Type.Object({ data: Type.Array(Type.Object(properties), { description: 'One prediction for each file, in the same order.' }) }, { examples: [{ data: [example] }] })
  return { description: 'The prediction of each file.', content: { 'application/json': { schema } } }
}

export default kapitan
