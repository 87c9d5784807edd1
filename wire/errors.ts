import { STATUS_CODES } from 'node:http'
import type { FastifyError } from 'fastify'
import * as errors from '../lib/errors.ts'
import type { Static } from '../lib/typebox.ts'
import type { ErrorSchema } from './schemas.ts'

/** The JSON body of an error response. An error that RowFaults made tells all faulty rows. */
export function errorBody ({ statusCode = 500, code, message, faults }: FastifyError & { faults?: errors.RowFault[] }): Static<typeof ErrorSchema> {
  return { statusCode, code, error: STATUS_CODES[statusCode] ?? 'Client Closed Request', message, ...faults && { faults } }
}

/** Properties of the failed request and of the service, for the message of its error. */
export interface ErrorContext {
  /** UPLOAD_LIMIT. */
  uploadLimitBytes: number
  /** The supported content types, as text. */
  accepted: string
  /** Method and path of the request. */
  method: string
  path: string
  /** Content-Type of the request. */
  contentType: string | undefined
  /** The deadline that the request asks for: its header x-deadline-ms. */
  deadline: string | undefined
  /** Whether the client has closed the connection. */
  isGone: boolean
}

/** Converts errors of Fastify and its plugins to errors of lib/errors.ts. Unknown errors become InternalError. */
export function translate (error: FastifyError, { uploadLimitBytes, accepted, method, path, contentType, deadline, isGone }: ErrorContext): FastifyError {
  if (error instanceof errors.DeadlinePassed && deadline !== undefined) return new errors.AskedDeadlinePassed(deadline, 'x-deadline-ms')
  if (error.code?.startsWith('SRV_')) return error
  if (error.validation) {
    const [first] = error.validation
    const extra = typeof first?.params['additionalProperty'] === 'string' ? ` '${first.params['additionalProperty']}'` : ''
    const field = first?.instancePath.slice(1).replaceAll('/', '.')
    return new errors.RequestInvalid(`${error.validationContext}${field ? ` '${field}'` : ''} ${first?.message}${extra}.`)
  }
  switch (error.code) {
    case 'FST_ERR_CTP_BODY_TOO_LARGE': return new errors.BodyTooLarge(uploadLimitBytes)
    case 'FST_FILES_LIMIT':
    case 'FST_PARTS_LIMIT':
    case 'FST_FIELDS_LIMIT': return new errors.FormTooComplex('it has too many files or fields')
    case 'FST_ERR_CTP_EMPTY_JSON_BODY': return new errors.BodyMissing('its Content-Type says JSON')
    case 'FST_ERR_CTP_INVALID_JSON_BODY':
    case 'FST_ERR_CTP_INVALID_CONTENT_LENGTH':
    case 'FST_INVALID_JSON_FIELD_ERROR':
    case 'FST_PROTO_VIOLATION': return new errors.BodyMalformed(error.message)
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE': return new errors.MediaTypeUnsupported(contentType ?? '', accepted)
  }
  // The search algorithm of the form parser takes at most 256 characters, with the line break and the dashes before them.
  if (error.message.includes('needle cannot have a length')) {
    return new errors.BodyMalformed('The boundary of the form is too long; RFC 2046 allows at most 70 characters.')
  }
  // Errors of the form parser have neither a code nor a status, so their messages decide.
  if (/multipart|boundary|form-data|part header/i.test(error.message) && !error.statusCode) {
    return new errors.BodyMalformed(`The form is malformed: ${error.message}.`)
  }
  if (error instanceof SyntaxError) return new errors.BodyMalformed(`The body is not JSON: ${error.message}.`)
  if (isGone || error.code === 'ECONNRESET') return new errors.ClientGone()
  const { statusCode = 500 } = error
  // The server of static files refuses a path that leaves its folder. Nothing is there for clients.
  if (statusCode === 403) return new errors.NotFound(method, path)
  return statusCode < 500 ? Object.assign(new errors.RequestInvalid(error.message), { statusCode }) : new errors.InternalError()
}
