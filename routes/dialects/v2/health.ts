import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { NotReady } from '../../../lib/errors.ts'
import { sendJson } from '../../../wire/plain-json.ts'
import { checkReady } from '../../../wire/ready.ts'
import { inferenceErrors, LiveSchema, modelParams, ModelReadySchema, ReadySchema, UnreadySchema } from '../../../wire/open-inference/schemas.ts'

/** The probes of the protocol. They mean the same as /livez and /readyz, and answer under any load. */
const health: FastifyPluginAsyncTypebox = async app => {
  const { card } = app.model
  const config = { dialect: 'v2', quiet: true, pressureHandler: () => {} }
  const tags = ['Open Inference Protocol']

  app.get('/health/live', {
    config, schema: { tags, summary: 'Liveness', description: 'Answers while the event loop runs.', response: { 200: LiveSchema } }
  }, (_request, reply) => sendJson(reply, { live: true }))

  app.get('/health/ready', {
    config,
    schema: {
      tags,
      summary: 'Readiness',
      description: 'Answers 200 while the model is loaded and warm and the service is not shutting down.',
      response: { 200: ReadySchema, 503: UnreadySchema }
    }
  }, (request, reply) => {
    try {
      checkReady(app.readiness, app.model.status())
    } catch (error) {
      if (!(error instanceof NotReady)) throw error
      const { message } = app.problemOf(error, request, reply)
      return sendJson(reply.code(503), { error: message, live: true, ready: false })
    }
    return sendJson(reply, { live: true, ready: true })
  })

  for (const hasVersion of [false, true]) {
    app.get(`/models/:model${hasVersion ? '/versions/:version' : ''}/ready`, {
      config,
      schema: { tags, summary: 'Readiness of the model', params: modelParams(card, hasVersion), response: { 200: ModelReadySchema, ...inferenceErrors(404, 503) } }
    }, (_request, reply) => {
      checkReady(app.readiness, app.model.status())
      return sendJson(reply, { name: card.name, ready: true })
    })
  }
}

export default health
