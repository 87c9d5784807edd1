import { STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import type { ConnectionError, FastifyError, FastifyInstance, FastifyReply, FastifyRequest, FastifyServerOptions } from 'fastify'
import fp from 'fastify-plugin'
import type { Config } from '../lib/config.ts'
import * as errors from '../lib/errors.ts'
import { errorBody, translate } from '../wire/errors.ts'
import { wireOf } from '../wire/index.ts'
import { ErrorSchema } from '../wire/schemas.ts'

/** How long a refused client may take to read the answer and to close its connection. */
const LINGER_MS = 2000

/** The largest value of Retry-After. */
const RETRY_LIMIT_SECONDS = 60

/** Server options for requests that fail before they reach a route. */
export const serverOptions = {
  frameworkErrors: (error: FastifyError, _request: FastifyRequest, reply: FastifyReply) => {
    reply.code(400).send(errorBody(new errors.RequestInvalid(`${error.message}.`)))
  },
  clientErrorHandler: (error: ConnectionError, socket: Socket) => {
    if (error.code === 'ECONNRESET' || socket.destroyed) return
    const [status, problem] = error.code === 'HPE_HEADER_OVERFLOW'
      ? [431, new errors.HeadersTooLarge()]
      : error.code === 'ERR_HTTP_REQUEST_TIMEOUT' ? [408, new errors.RequestTooSlow()] : [400, new errors.RequestInvalid(`The request is not valid HTTP: ${error.message}.`)]
    const body = JSON.stringify(errorBody(problem))
    socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nContent-Type: application/json; charset=utf-8\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`)
    // Otherwise a client that neither reads nor closes would keep its socket open for ever.
    setTimeout(() => socket.destroy(), LINGER_MS).unref()
  }
} satisfies FastifyServerOptions

/**
 * Answers every error in one shape, `{ statusCode, code, error, message }`, with a code from `lib/errors.ts`. Errors of
 * Fastify and of its plugins get our codes and messages. The details of an unexpected error are logged, and the client
 * does not see them.
 */
export default fp<{ config: Config }>(async (app, { config }) => {
  app.addSchema(ErrorSchema)

  app.setErrorHandler<FastifyError>((thrown, request, reply) => {
    const error = translate(thrown, { uploadLimitBytes: config.UPLOAD_LIMIT, accepted: acceptedBy(app), contentType: request.headers['content-type'], isGone: reply.raw.destroyed })
    const statusCode = error.statusCode ?? 500
    if (error instanceof errors.OutOfMemory || error instanceof errors.DecodeTooSlow) request.log.warn({ err: thrown }, 'a picture was not decoded')
    if (statusCode === 500) request.log.error({ err: thrown }, 'request failed')
    if (statusCode === 503) reply.header('retry-after', retryAfter(app))
    return reply.code(statusCode).send(errorBody(error))
  })

  app.setNotFoundHandler((request, reply) => {
    const allowed = allowedMethods(app, request)
    if (allowed.length === 0) throw new errors.NotFound(request.method, pathOf(request))
    reply.header('allow', allowed.join(', '))
    throw new errors.MethodNotAllowed(request.method, pathOf(request), allowed.join(' or '))
  })
}, { name: 'errors' })

/** How many seconds the inputs that are admitted now will take, at the recent rate: a whole number for Retry-After. */
function retryAfter (app: FastifyInstance): number {
  const seconds = app.hasDecorator('model') ? app.model.status().drainSeconds : 1
  return Math.min(RETRY_LIMIT_SECONDS, Math.max(1, Math.ceil(seconds)))
}

/** The accepted content types, for messages. */
function acceptedBy (app: FastifyInstance): string {
  return app.hasDecorator('model') ? wireOf(app.model.card).accepted : 'one of those that GET /swagger lists'
}

function pathOf (request: FastifyRequest): string {
  return request.url.split('?', 1).join('')
}

function allowedMethods (app: FastifyInstance, request: FastifyRequest): string[] {
  return (['GET', 'HEAD', 'POST'] as const).filter(method => app.hasRoute({ method, url: pathOf(request) }))
}
