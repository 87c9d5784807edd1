import type { IncomingMessage } from 'node:http'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyError, FastifyRequest } from 'fastify'
import type { Config } from '../../../lib/config.ts'
import { checkServed } from '../../../wire/served.ts'
import { jsonBytesOf, LENGTH_HEADER, offsetOf } from '../../../wire/open-inference/header.ts'
import { InferenceErrorSchema } from '../../../wire/open-inference/schemas.ts'
import { sendJson } from '../../../wire/plain-json.ts'
import { receive } from '../../../wire/receive.ts'
import { encodingOf } from '../../../wire/unpack.ts'
import healthRoutes from './health.ts'
import inferRoutes from './infer.ts'
import metadataRoutes from './metadata.ts'

/** Largest size of a body that is no inference. */
const SMALL_BODY_BYTES = 64 * 1024

/**
 * Version 2 of the Open Inference Protocol, with the extensions of Triton that its clients use.
 *
 * @see https://github.com/kserve/open-inference-protocol/blob/main/specification/protocol/inference_rest.md
 */
const v2: FastifyPluginAsyncTypebox<{ config: Config }> = async (app, { config }) => {
  await app.register(protocol, { prefix: '/v2', config })
}

const protocol: FastifyPluginAsyncTypebox<{ config: Config }> = async (app, { config }) => {
  const { card } = app.model
  app.addSchema(InferenceErrorSchema)

  // Every client says something else of the same body: application/octet-stream of JSON, application/json of bytes, or
  // nothing at all. The header of the binary extension alone decides.
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', async ({ headers, routeOptions }: FastifyRequest, payload: IncomingMessage) => {
    if (!routeOptions.config.queues) return await receive(payload, SMALL_BODY_BYTES)
    // Unpacking moves a body anyway.
    const isPacked = encodingOf(headers['content-encoding']) !== undefined
    return await receive(payload, config.UPLOAD_LIMIT, isPacked ? 0 : offsetOf(jsonBytesOf(headers[LENGTH_HEADER])))
  })

  app.setErrorHandler<FastifyError>((thrown, request, reply) => {
    const { statusCode = 500, message } = app.problemOf(thrown, request, reply)
    // The protocol has no 422.
    return sendJson(reply.code(statusCode === 422 ? 400 : statusCode), { error: message })
  })
  app.setNotFoundHandler((request, reply) => { throw app.noRoute(request, reply) })

  app.addHook('onRequest', ({ params }, _reply, done) => {
    if (typeof params === 'object' && params !== null && 'model' in params) {
      checkServed(card, { model: String(params.model), version: 'version' in params ? String(params.version) : undefined })
    }
    done()
  })

  await app.register(inferRoutes, { config })
  await app.register(metadataRoutes)
  await app.register(healthRoutes)
}

export default v2
