import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyError } from 'fastify'
import type { Config } from '../../../lib/config.ts'
import { FileMissing } from '../../../lib/errors.ts'
import { Type, type TSchema } from '../../../lib/typebox.ts'
import { Form } from '../../../wire/form.ts'
import { wireOf } from '../../../wire/index.ts'
import { sendJson, sendJsonText } from '../../../wire/plain-json.ts'
import { BINARY, errorsAs, predictHeaders, type Content } from '../../../wire/schemas.ts'
import { textsOf, type PlainPrediction } from '../../../wire/texts.ts'
import { answerSchema, labelsSchema, MaxErrorSchema, metadataSchema } from './schemas.ts'
import { swaggerOf } from './swagger.ts'
import { wordsOf } from './words.ts'

/** The field of a form that holds the input. */
const FIELD = 'file'

/** What MAX answers to a request without a file. @see https://github.com/python-restx/flask-restx/blob/master/flask_restx/reqparse.py */
const MISSING = { errors: { [FIELD]: 'Missing required parameter in an uploaded file' }, message: 'Input payload validation failed' }

/**
 * The API of the IBM Model Asset eXchange. Clients and tests of its models work unchanged.
 *
 * @see https://github.com/IBM/MAX-Framework
 */
const max: FastifyPluginAsyncTypebox<{ config: Config }> = async (app, { config }) => {
  app.addSchema(MaxErrorSchema)
  app.setErrorHandler<FastifyError>((thrown, request, reply) => {
    const error = app.problemOf(thrown, request, reply)
    return sendJson(reply.code(error.statusCode ?? 500), error instanceof FileMissing ? MISSING : { status: 'error', message: error.message })
  })
  await app.register(modelRoutes, { config, prefix: '/model' })

  const document = swaggerOf(app.model.card, { wire: wireOf(app.model.card, app.model.signature), needsKey: config.API_KEYS !== undefined })
  app.get('/swagger.json', {
    config: { dialect: 'max' },
    schema: { tags: ['MAX'], summary: 'The routes of MAX as Swagger 2.0', response: { 200: Type.Unsafe<unknown>({ type: 'object', additionalProperties: true }) } }
  }, async (request, reply) => sendJson(reply, { ...document, basePath: app.prefixOf(request) || '/' }))
}

const modelRoutes: FastifyPluginAsyncTypebox<{ config: Config }> = async (app, { config }) => {
  const { card } = app.model
  const { queueLimit } = app.model.status()
  const wire = wireOf(card, app.model.signature)
  const words = wordsOf(card, wire)
  const labels = { count: card.labels.length, labels: card.labels.map((name, id) => ({ id: String(id), name })) }
  // Its own handler makes Fastify use the error handler of this plugin for paths below the prefix.
  app.setNotFoundHandler((request, reply) => { throw app.noRoute(request, reply) })

  app.get('/metadata', {
    config: { dialect: 'max' }, schema: { tags: ['MAX'], summary: 'Metadata of the model', response: { 200: metadataSchema(words) } }
  }, async (_request, reply) => sendJson(reply, words))

  app.get('/labels', {
    config: { dialect: 'max' }, schema: { tags: ['MAX'], summary: 'The labels that the model knows', response: { 200: labelsSchema(card) } }
  }, async (_request, reply) => sendJson(reply, labels))

  const { content } = await wire.body(queueLimit)
  app.post('/predict', {
    config: { queues: 'normal', dialect: 'max' },
    schema: {
      tags: ['MAX'],
      ...config.API_KEYS !== undefined && { security: [{ key: [] }] },
      summary: `Predict the ${card.labelKey}`,
      description: `Takes a form with the field \`${FIELD}\`, or any other body of POST /predict.`,
      headers: predictHeaders(config.DEADLINE_MS),
      body: { content: withFile(content, wire.file) },
      response: { 200: answerSchema(card), ...errorsAs('MaxError', 400, 401, 413, 415, 422, 429, 503, 504) }
    }
  }, async (request, reply) => {
    const { items } = await wire.question(askedOf(request.body), queueLimit)
    const { predictions, timing } = await app.model.predict(items, {
      topK: 1,
      deadline: request.headers['x-deadline-ms'] ?? config.DEADLINE_MS,
      onGone: stop => reply.onDisconnect(stop)
    })
    Object.assign(request.timing, timing)
    request.predictions = predictions
    const texts = await textsOf(predictions, prediction => JSON.stringify(fieldsOf(prediction)), outputs => `{"prediction":${outputs}}`)
    return sendJsonText(reply, `{"status":"ok","predictions":[${texts.join()}]}`)
  })
}

/** The body of a request, without the files that are no input. @throws FileMissing */
function askedOf (body: unknown): unknown {
  if (body === undefined || body === null) throw new FileMissing()
  if (!(body instanceof Form) || body.files.length === 0) return body
  const asked = body.filesOf(FIELD)
  if (asked.files.length === 0) throw new FileMissing()
  return asked
}

function fieldsOf (prediction: PlainPrediction): Record<string, unknown> {
  switch (prediction.kind) {
    case 'classes':
    case 'labels': {
      const { label, probability, index } = prediction.first
      return { prediction: label, probability, label_id: String(index), label }
    }
    case 'label': {
      const { label, index } = prediction
      return { prediction: label, ...index !== null && { label_id: String(index) }, label }
    }
    case 'value': return { prediction: prediction.value }
  }
}

/** The content types of a body, whose form has the file under the one name that this API reads. */
function withFile (content: Content, description: string): Content {
  const schema: TSchema = content['multipart/form-data']?.schema ?? {}
  const properties = 'properties' in schema && schema.properties instanceof Object ? schema.properties : {}
  const file = { ...BINARY, description }
  return { ...content, 'multipart/form-data': { schema: Type.Unsafe<unknown>({ ...schema, properties: { ...properties, [FIELD]: file } }) } }
}

export default max
