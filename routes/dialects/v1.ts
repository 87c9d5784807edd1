import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyError, FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify'
import type { Config } from '../../lib/config.ts'
import { BodyMissing, NotFound, NotReady, RequestInvalid } from '../../lib/errors.ts'
import { hasProbabilities } from '../../lib/output/prediction.ts'
import { PIECE_BYTES } from '../../lib/turn.ts'
import { Type, type TSchema } from '../../lib/typebox.ts'
import { explainedFields, explanationOf, instancesAnswerOf } from '../../wire/answer.ts'
import { wireOf } from '../../wire/index.ts'
import { instancesIn } from '../../wire/instances.ts'
import { jsonLimitBytesOf } from '../../wire/json.ts'
import { sendJson, sendJsonText } from '../../wire/plain-json.ts'
import { checkReady } from '../../wire/ready.ts'
import { receive } from '../../wire/receive.ts'
import { explainedProperties, predictHeaders, predictionOf } from '../../wire/schemas.ts'
import { checkServed } from '../../wire/served.ts'

/** How many lists and objects of a body may be inside one another. A tensor has at most 16 axes. */
const JSON_DEPTH_LIMIT = 32

/** How many JSON values a body may have beside its instances. */
const OTHER_VALUES_LIMIT = 100

const ErrorSchema = Type.Object({ error: Type.String({ description: 'What is wrong, and what to do.' }) }, { title: 'Error' })

/**
 * The first protocol of KServe, which is that of TensorFlow Serving.
 *
 * @see https://kserve.github.io/website/docs/concepts/architecture/data-plane/v1-protocol
 */
const v1: FastifyPluginAsync<{ config: Config }> = async (app, { config }) => {
  await app.register(routes, { config, prefix: '/v1' })
}

const routes: FastifyPluginAsyncTypebox<{ config: Config }> = async (app, { config }) => {
  const { card } = app.model
  const { queueLimit } = app.model.status()
  const wire = wireOf(card, app.model.signature)
  const limits = { values: OTHER_VALUES_LIMIT + wire.instances.valuesOf(queueLimit), depth: JSON_DEPTH_LIMIT }

  // Clients send JSON under any Content-Type, or under none.
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', async (_request: FastifyRequest, payload: FastifyRequest['raw']) => await receive(payload, jsonLimitBytesOf(config.UPLOAD_LIMIT)))
  app.addHook('preValidation', async (request, reply) => {
    const { body } = request
    if (!(body instanceof Buffer)) return
    if (body.length === 0) request.body = undefined
    else request.body = body.length > PIECE_BYTES ? await app.readJson(request, reply, body, limits) : JSON.parse(body.toString())
  })

  app.setErrorHandler<FastifyError>((thrown, request, reply) => {
    const problem = app.problemOf(thrown, request, reply)
    const { statusCode = 500, message } = problem
    // The protocol knows no 422.
    return sendJson(reply.code(statusCode === 422 ? 400 : statusCode), { error: message, ...problem instanceof NotReady && { name: card.name, ready: false } })
  })
  // Without a handler of its own, an unknown path below the prefix would be answered in the shape of the whole service.
  app.setNotFoundHandler((request, reply) => { throw app.noRoute(request, reply) })

  const open = { dialect: 'v1', quiet: true, pressureHandler: () => {} } as const
  const tags = ['KServe V1']
  const params = Type.Object({
    model: Type.Unsafe<string>({ type: 'string', enum: [card.name], default: card.name, description: 'Name of the model.' })
    // Another name is a 404.
  }, { 'x-read-by-hand': true })
  const errors = (...statuses: number[]) => Object.fromEntries(statuses.map(status => [status, ErrorSchema]))
  const asked = {
    tags,
    ...config.API_KEYS !== undefined && { security: [{ key: [] }] },
    params,
    headers: predictHeaders(config.DEADLINE_MS)
  }
  const bodyOf = async (maxItems: number) => ({
    content: {
      'application/json': {
        schema: Type.Object({
          instances: Type.Array(await wire.instances.schema(), { minItems: 1, maxItems, description: "One entry for each input. The field may also be called 'inputs'; then an object with a list for each name will do, too." }),
          signature_name: Type.Optional(Type.String({ description: 'Is passed over, as other fields are.' }))
        }, { 'x-read-by-hand': true })
      }
    }
  })
  const onRequest = async ({ params: { model } }: { params: { model: string } }) => { checkServed(card, { model }) }
  const askOf = (request: { headers: { 'x-deadline-ms'?: number } }, reply: FastifyReply) => ({
    deadline: request.headers['x-deadline-ms'] ?? config.DEADLINE_MS, onGone: (stop: () => void) => reply.onDisconnect(stop)
  })

  app.get('/models', {
    config: open,
    schema: { tags, summary: 'List the models', response: { 200: Type.Object({ models: Type.Array(Type.String()) }, { examples: [{ models: [card.name] }] }) } }
  }, async (_request, reply) => sendJson(reply, { models: [card.name] }))

  // Not ':model' alone: the path of a prediction would be a name, too.
  app.get('/models/:model(^[^:/]+)', {
    config: open,
    schema: {
      tags,
      summary: 'Readiness of the model',
      params,
      response: {
        200: Type.Object({ name: Type.String(), ready: Type.Boolean() }, { examples: [{ name: card.name, ready: true }] }),
        404: ErrorSchema,
        503: Type.Object({ error: Type.String(), name: Type.String(), ready: Type.Boolean() }, { title: 'Not ready' })
      }
    },
    onRequest
  }, async (_request, reply) => {
    checkReady(app.readiness, app.model.status())
    return sendJson(reply, { name: card.name, ready: true })
  })

  const { properties, example, description } = predictionOf(card)
  const [prediction, answer]: [TSchema, unknown] = card.output.kind === 'tensors'
    ? [Type.Unsafe<unknown>({ description: "The nested lists of the model's output, or an object of them by output name." }), [0.25, 0.75]]
    : [Type.Object(properties), example]

  app.post('/models/:model(^[^:/]+)::predict', {
    config: { queues: 'normal', dialect: 'v1' },
    schema: {
      ...asked,
      summary: `Predict the ${card.labelKey} of each instance`,
      body: await bodyOf(queueLimit),
      response: {
        200: {
          description,
          content: { 'application/json': { schema: Type.Object({ predictions: Type.Array(prediction, { description: 'One prediction for each instance, in the same order.' }) }, { examples: [{ predictions: [answer] }] }) } }
        },
        ...errors(400, 401, 404, 413, 415, 429, 503, 504)
      }
    },
    onRequest
  }, async (request, reply) => {
    const { predictions, timing } = await app.model.predict(await wire.instances.read(instancesOf(request.body)), {
      topK: hasProbabilities(card.output) ? Math.min(config.TOP_K, card.labels.length) : 1, ...askOf(request, reply)
    })
    Object.assign(request.timing, timing)
    request.predictions = predictions
    return sendJsonText(reply, await instancesAnswerOf(card, predictions))
  })

  const { content: { 'application/json': explained } } = wire.explanation
  app.post('/models/:model(^[^:/]+)::explain', {
    config: { queues: 'low', dialect: 'v1' },
    schema: {
      ...asked,
      hide: !app.model.explains,
      summary: `Explain the ${card.labelKey} of an instance`,
      description: 'Takes one instance. The explanation is the answer of POST /explain.',
      body: await bodyOf(1),
      response: {
        200: Type.Object({ predictions: Type.Array(Type.Object(explainedProperties(card))), explanations: Type.Array(explained?.schema ?? Type.Object({})) }),
        ...errors(400, 401, 404, 413, 415, 429, 503, 504)
      }
    },
    onRequest: async request => {
      await onRequest(request)
      if (!app.model.explains) throw new NotFound('explanation of', `'${card.name}': its answers have no number that could be followed, or its inputs cannot be varied`)
    }
  }, async (request, reply) => {
    const [one, another] = instancesOf(request.body)
    if (another !== undefined) throw new RequestInvalid('an explanation takes one instance at a time; the body has several.')
    const [item] = await wire.instances.read([one])
    if (!item) throw new RequestInvalid('the body has no instance.')
    const explanation = await app.model.explain(item, askOf(request, reply))
    Object.assign(request.timing, explanation.timing)
    return sendJson(reply, { predictions: [explainedFields(card, explanation.prediction)], explanations: [explanationOf(card, explanation)] })
  })

  function instancesOf (body: unknown): readonly unknown[] {
    if (body === undefined || body === null) throw new BodyMissing('send {"instances": […]} with one entry for each input')
    return instancesIn(body, queueLimit)
  }
}

export default v1
