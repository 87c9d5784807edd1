import { STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import type { ConnectionError, FastifyError, FastifyInstance, FastifyReply, FastifyRequest, FastifyServerOptions } from 'fastify'
import fp from 'fastify-plugin'
import type { Static } from '../lib/typebox.ts'
import type { Config } from '../lib/config.ts'
import * as errors from '../lib/errors.ts'
import { ErrorSchema } from '../lib/schemas.ts'

/** Milliseconds in which a client that was refused may close its connection itself, and read why. */
const LINGER = 2000

/** Seconds that a caller is asked to wait at most before it tries again. */
const RETRY_LIMIT = 60

/** Options of the server for what fails before a request reaches a route. */
export const serverOptions = {
  frameworkErrors: (error: FastifyError, _request: FastifyRequest, reply: FastifyReply) => {
    reply.code(400).send(shape(new errors.RequestInvalid(`${error.message}.`)))
  },
  clientErrorHandler: (error: ConnectionError, socket: Socket) => {
    if (error.code === 'ECONNRESET' || socket.destroyed) return
    const [status, problem] = error.code === 'HPE_HEADER_OVERFLOW'
      ? [431, new errors.HeadersTooLarge()]
      : error.code === 'ERR_HTTP_REQUEST_TIMEOUT' ? [408, new errors.RequestTooSlow()] : [400, new errors.RequestInvalid(`This is not HTTP: ${error.message}.`)]
    const body = JSON.stringify(shape(problem))
    socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nContent-Type: application/json; charset=utf-8\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`)
    // A client that neither reads nor closes would keep its socket for ever.
    setTimeout(() => socket.destroy(), LINGER).unref()
  }
} satisfies FastifyServerOptions

/**
 * Every failure leaves in one shape, `{ statusCode, code, error, message }`, with a code from `lib/errors.ts`. What the
 * framework and its plugins throw is put into our words; what nobody expected is logged and told to nobody.
 */
export default fp<{ config: Config }>(async (app, { config }) => {
  app.addSchema(ErrorSchema)

  app.setErrorHandler<FastifyError>((thrown, request, reply) => {
    const error = translate(thrown, request, config.UPLOAD_LIMIT)
    const statusCode = error.statusCode ?? 500
    if (statusCode === 500) request.log.error({ err: thrown }, 'request failed')
    if (statusCode === 503) reply.header('retry-after', retryAfter(app))
    return reply.code(statusCode).send(shape(error))
  })

  app.setNotFoundHandler((request, reply) => {
    const allowed = allowedMethods(app, request)
    if (allowed.length === 0) throw new errors.NotFound(request.method, pathOf(request))
    reply.header('allow', allowed.join(', '))
    throw new errors.MethodNotAllowed(request.method, pathOf(request), allowed.join(' or '))
  })
}, { name: 'errors' })

function shape ({ statusCode = 500, code, message }: FastifyError): Static<typeof ErrorSchema> {
  return { statusCode, code, error: STATUS_CODES[statusCode] ?? 'Client Closed Request', message }
}

/** Whole seconds until the work admitted now is done, at the rate measured lately. */
function retryAfter (app: FastifyInstance): number {
  const seconds = app.hasDecorator('model') ? app.model.scheduler.drainTime : 1
  return Math.min(RETRY_LIMIT, Math.max(1, Math.ceil(seconds)))
}

function translate (error: FastifyError, request: FastifyRequest, uploadLimit: number): FastifyError {
  if (error.code?.startsWith('SRV_')) return error
  if (error.validation) {
    const [first] = error.validation
    const extra = typeof first?.params['additionalProperty'] === 'string' ? ` '${first.params['additionalProperty']}'` : ''
    const field = first?.instancePath.slice(1).replaceAll('/', '.')
    return new errors.RequestInvalid(`${error.validationContext}${field ? ` '${field}'` : ''} ${first?.message}${extra}.`)
  }
  switch (error.code) {
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
    case 'FST_REQ_FILE_TOO_LARGE': return new errors.BodyTooLarge(uploadLimit)
    case 'FST_FILES_LIMIT':
    case 'FST_PARTS_LIMIT':
    case 'FST_FIELDS_LIMIT': return new errors.FormTooComplex(error.message)
    case 'FST_ERR_CTP_EMPTY_JSON_BODY': return new errors.BodyMissing('its Content-Type says JSON')
    case 'FST_ERR_CTP_INVALID_JSON_BODY':
    case 'FST_ERR_CTP_INVALID_CONTENT_LENGTH':
    case 'FST_PROTO_VIOLATION': return new errors.BodyMalformed(error.message)
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE': return new errors.MediaTypeUnsupported(
      request.headers['content-type'] ?? '', readTypes(request))
  }
  // The form parser's own complaints carry neither code nor status.
  if (/multipart|boundary|form-data|part header/i.test(error.message) && !error.statusCode) {
    return new errors.BodyMalformed(`The form is malformed: ${error.message}.`)
  }
  if (error instanceof SyntaxError) return new errors.BodyMalformed(`The body is not JSON: ${error.message}.`)
  if (request.raw.destroyed || error.code === 'ECONNRESET') return new errors.ClientGone()
  const { statusCode = 500 } = error
  return statusCode < 500 ? Object.assign(new errors.RequestInvalid(error.message), { statusCode }) : new errors.InternalError()
}

function readTypes ({ server }: FastifyRequest): string {
  const kind = server.hasDecorator('model') ? server.model.card.input.kind : 'image'
  return kind === 'image' ? 'multipart/form-data, image/*, application/octet-stream or application/json' : 'application/json, text/csv or multipart/form-data'
}

function pathOf (request: FastifyRequest): string {
  return request.url.split('?', 1).join('')
}

function allowedMethods (app: FastifyInstance, request: FastifyRequest): string[] {
  return (['GET', 'HEAD', 'POST'] as const).filter(method => app.hasRoute({ method, url: pathOf(request) }))
}
