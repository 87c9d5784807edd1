import { STATUS_CODES } from 'node:http'
import type { FastifyError } from 'fastify'
import * as errors from '../lib/errors.ts'
import type { Static } from '../lib/typebox.ts'
import type { ErrorSchema } from './schemas.ts'

/** An error as it leaves the service. */
export function shape ({ statusCode = 500, code, message }: FastifyError): Static<typeof ErrorSchema> {
  return { statusCode, code, error: STATUS_CODES[statusCode] ?? 'Client Closed Request', message }
}

/** What a message about a request needs to know. */
export interface About {
  uploadLimitBytes: number
  /** The content types that are read. */
  accepted: string
  contentType: string | undefined
  /** Whether the client has closed the connection. */
  isGone: boolean
}

/** What the framework and its plugins throw, in the words of lib/errors.ts. What nobody expected becomes an InternalError. */
export function translate (error: FastifyError, { uploadLimitBytes, accepted, contentType, isGone }: About): FastifyError {
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
    case 'FST_FIELDS_LIMIT': return new errors.FormTooComplex(error.message)
    case 'FST_ERR_CTP_EMPTY_JSON_BODY': return new errors.BodyMissing('its Content-Type says JSON')
    case 'FST_ERR_CTP_INVALID_JSON_BODY':
    case 'FST_ERR_CTP_INVALID_CONTENT_LENGTH':
    case 'FST_PROTO_VIOLATION': return new errors.BodyMalformed(error.message)
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE': return new errors.MediaTypeUnsupported(contentType ?? '', accepted)
  }
  // The form parser's own complaints carry neither code nor status.
  if (/multipart|boundary|form-data|part header/i.test(error.message) && !error.statusCode) {
    return new errors.BodyMalformed(`The form is malformed: ${error.message}.`)
  }
  if (error instanceof SyntaxError) return new errors.BodyMalformed(`The body is not JSON: ${error.message}.`)
  if (isGone || error.code === 'ECONNRESET') return new errors.ClientGone()
  const { statusCode = 500 } = error
  return statusCode < 500 ? Object.assign(new errors.RequestInvalid(error.message), { statusCode }) : new errors.InternalError()
}
