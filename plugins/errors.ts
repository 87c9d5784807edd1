import { STATUS_CODES } from 'node:http'
import type { FastifyError, FastifyInstance, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import type { Config } from '../lib/config.ts'
import * as errors from '../lib/errors.ts'
import { ErrorSchema } from '../lib/schemas.ts'

/** Seconds a caller is asked to wait before it tries again. */
const RETRY_AFTER = 1

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
    if (statusCode === 503) reply.header('retry-after', RETRY_AFTER)
    return reply.code(statusCode).send({
      statusCode, code: error.code, error: STATUS_CODES[statusCode] ?? 'Client Closed Request', message: error.message
    })
  })

  app.setNotFoundHandler((request, reply) => {
    const allowed = allowedMethods(app, request)
    if (allowed.length === 0) throw new errors.NotFound(request.method, pathOf(request))
    reply.header('allow', allowed.join(', '))
    throw new errors.MethodNotAllowed(request.method, pathOf(request), allowed.join(' or '))
  })
}, { name: 'errors' })

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
      request.headers['content-type'] ?? '', 'multipart/form-data, image/*, application/octet-stream or application/json')
  }
  // The form parser's own complaints carry neither code nor status.
  if (/multipart|boundary|form-data|part header/i.test(error.message) && !error.statusCode) {
    return new errors.BodyMalformed(`The form is malformed: ${error.message}.`)
  }
  if (error instanceof SyntaxError) return new errors.BodyMalformed(`The body is not JSON: ${error.message}.`)
  if (error.statusCode !== undefined && error.statusCode < 500) return error
  return new errors.InternalError()
}

function pathOf (request: FastifyRequest): string {
  return request.url.split('?', 1).join('')
}

function allowedMethods (app: FastifyInstance, request: FastifyRequest): string[] {
  return (['GET', 'HEAD', 'POST'] as const).filter(method => app.hasRoute({ method, url: pathOf(request) }))
}
