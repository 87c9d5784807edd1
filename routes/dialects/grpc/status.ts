import { Metadata, status } from '@grpc/grpc-js'
import { retryAfterOf } from '../../../lib/rate-limit.ts'

/** The outcome of a call that failed, as gRPC has it. */
export interface Failure {
  code: status
  details: string
  metadata: Metadata
}

/** How many characters of a message a client gets: they are sent in a header field. */
const DETAILS_LIMIT = 2048

/** The status of gRPC for each status of HTTP that an error of `lib/errors.ts` has. */
const CODES: Readonly<Record<number, status>> = {
  401: status.UNAUTHENTICATED,
  404: status.NOT_FOUND,
  408: status.DEADLINE_EXCEEDED,
  413: status.RESOURCE_EXHAUSTED,
  429: status.RESOURCE_EXHAUSTED,
  499: status.CANCELLED,
  503: status.UNAVAILABLE,
  504: status.DEADLINE_EXCEEDED
}

/** The status of HTTP for what grpc-js answers itself. */
const STATUSES: ReadonlyArray<[status, number]> = [
  [status.OK, 200], [status.CANCELLED, 499], [status.INVALID_ARGUMENT, 400], [status.DEADLINE_EXCEEDED, 504], [status.NOT_FOUND, 404],
  [status.RESOURCE_EXHAUSTED, 413], [status.UNIMPLEMENTED, 501], [status.UNAVAILABLE, 503], [status.UNAUTHENTICATED, 401]
]

/**
 * The status of gRPC for an error.
 *
 * @see https://grpc.io/docs/guides/status-codes/
 */
export function failureOf (error: Error & { statusCode?: number | undefined }, retryAfterSeconds = retryAfterOf(error)): Failure {
  const { statusCode = 500, message } = error
  const metadata = new Metadata()
  if (retryAfterSeconds !== undefined) metadata.set('retry-after', String(retryAfterSeconds))
  const isCallersMistake = statusCode >= 400 && statusCode < 500
  // grpc-js cannot encode half a character, which a Buffer replaces.
  const details = Buffer.from(message.slice(0, DETAILS_LIMIT)).toString()
  return { code: CODES[statusCode] ?? (isCallersMistake ? status.INVALID_ARGUMENT : status.INTERNAL), details, metadata }
}

/** The status of HTTP for one of gRPC, for the metrics and the log. */
export function httpStatusOf (code: number): number {
  return STATUSES.find(([known]) => known === code)?.[1] ?? 500
}
