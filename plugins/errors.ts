import type { Socket } from 'node:net'
import type { ConnectionError, FastifyError, FastifyInstance, FastifyRequest, FastifyServerOptions } from 'fastify'
import fp from 'fastify-plugin'
import type { Config } from '../lib/config.ts'
import * as errors from '../lib/errors.ts'
import { isForPeople, varyBy } from '../wire/accept.ts'
import { errorPage } from '../wire/error-page.ts'
import { errorBody, translate } from '../wire/errors.ts'
import { wireOf } from '../wire/index.ts'
import { PAGE_HEADERS, rootOf } from '../wire/page.ts'
import { ErrorSchema } from '../wire/schemas.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /** Makes the error for a request that no route takes: 404, or 405 with the header Allow. */
    noRoute: (request: FastifyRequest, reply: FastifyReply) => FastifyError
    /**
     * Finds what to answer for an error that a handler threw: an error of `lib/errors.ts`. Logs what is the service's own
     * fault, and sets Retry-After. A dialect's error handler calls it, and answers in the shape of its own protocol.
     */
    problemOf: (thrown: FastifyError, request: FastifyRequest, reply: FastifyReply) => FastifyError
  }
}

/** How long a refused client may take to read the answer and to close its connection. */
const LINGER_MS = 2000

/** The largest value of Retry-After. */
const RETRY_LIMIT_SECONDS = 60

/** Server options for requests that fail before they reach a route. */
export const serverOptions = {
  // Otherwise Fastify answers a request that arrives while the server closes with an error of another shape.
  return503OnClosing: false,
  clientErrorHandler: (error: ConnectionError, socket: Socket) => {
    if (error.code === 'ECONNRESET' || socket.destroyed) return
    const body = errorBody(clientProblemOf(error))
    const json = JSON.stringify(body)
    socket.end(`HTTP/1.1 ${body.statusCode} ${body.error}\r\nContent-Type: application/json; charset=utf-8\r\nContent-Length: ${Buffer.byteLength(json)}\r\nConnection: close\r\n\r\n${json}`)
    // Otherwise a client that neither reads nor closes would keep its socket open for ever.
    setTimeout(() => socket.destroy(), LINGER_MS).unref()
  }
} satisfies FastifyServerOptions

/**
 * Answers every error in one shape, `{ statusCode, code, error, message }`, with a code from `lib/errors.ts`. Errors of
 * Fastify and of its plugins get our codes and messages. A browser that asks for a page gets the same as a page. The
 * details of an unexpected error are logged, and the client does not see them.
 */
export default fp<{ config: Config }>(async (app, { config }) => {
  app.addSchema(ErrorSchema)

  app.decorate('problemOf', (thrown, request, reply) => {
    const error = translate(thrown, {
      uploadLimitBytes: config.UPLOAD_LIMIT,
      accepted: acceptedBy(app),
      method: request.method,
      path: pathOf(request),
      contentType: request.headers['content-type'],
      deadline: request.headers['x-deadline-ms']?.toString(),
      isGone: reply.raw.destroyed
    })
    const statusCode = error.statusCode ?? 500
    if (error instanceof errors.OutOfMemory || error instanceof errors.DecodeTooSlow) request.log.warn({ err: thrown }, 'a picture was not decoded')
    if (statusCode === 500) request.log.error({ err: thrown }, 'request failed')
    if (statusCode === 503) reply.header('retry-after', retryAfter(app))
    return error
  })
  app.setErrorHandler<FastifyError>((thrown, request, reply) => {
    const error = app.problemOf(thrown, request, reply)
    const body = errorBody(error)
    reply.code(body.statusCode)
    varyBy(reply, 'Accept')
    return isForPeople(request.headers.accept) ? reply.headers(PAGE_HEADERS).send(errorPage(body, rootOf(pathOf(request)))) : reply.send(body)
  })

  const routes: Array<{ methods: string[], path: RegExp }> = []
  app.addHook('onRoute', ({ method, url }) => {
    routes.push({ methods: [method].flat(), path: patternOf(url) })
  })
  app.decorate('noRoute', (request, reply) => {
    const path = pathOf(request)
    const methods = routes.flatMap(route => route.path.test(path) ? route.methods : [])
    // Of a path with a slash at its end, Fastify tells this hook the HEAD alone.
    const allowed = ['GET', 'HEAD', 'POST'].filter(method => methods.includes(method === 'GET' && methods.includes('HEAD') ? 'HEAD' : method))
    // The server of static files has a route for GET, but may have no such file.
    if (allowed.length === 0 || allowed.includes(request.method)) return new errors.NotFound(request.method, path)
    reply.header('allow', allowed.join(', '))
    return new errors.MethodNotAllowed(request.method, path, allowed.join(' or '))
  })
  app.setNotFoundHandler((request, reply) => { throw app.noRoute(request, reply) })
}, { name: 'errors' })

/** The paths that a route takes: `:name` and `:name(^pattern)` stand for a part of a path, `::` for a colon. */
function patternOf (url: string): RegExp {
  const path = url.replace(/::|:\w+(?:\(\^[^)]*\))?|\*|[.+?^${}()|[\]\\]/g, part => {
    if (part === '::') return ':'
    if (part === '*') return '.*'
    return part.startsWith(':') ? /\(\^(.*)\)/.exec(part)?.[1] ?? '[^/]+' : `\\${part}`
  })
  return new RegExp(`^${path}$`)
}

/** The answer to a request that Node.js could not parse. */
function clientProblemOf ({ code, message }: ConnectionError): FastifyError {
  switch (code) {
    case 'HPE_HEADER_OVERFLOW': return new errors.HeadersTooLarge()
    case 'ERR_HTTP_REQUEST_TIMEOUT': return new errors.RequestTooSlow()
    case 'HPE_INVALID_VERSION':
    case 'HPE_PAUSED_H2_UPGRADE': return new errors.VersionUnsupported()
    default: return new errors.RequestInvalid(`The request is not valid HTTP: ${message}.`)
  }
}

/** How many seconds the inputs that are admitted now will take, at the recent rate: a whole number for Retry-After. */
function retryAfter (app: FastifyInstance): number {
  const seconds = app.hasDecorator('model') ? app.model.status().drainSeconds : 1
  return Math.min(RETRY_LIMIT_SECONDS, Math.max(1, Math.ceil(seconds)))
}

/** The accepted content types, for messages. */
function acceptedBy (app: FastifyInstance): string {
  return app.hasDecorator('model') ? wireOf(app.model.card, app.model.signature).accepted : 'one of those that GET /swagger lists'
}

function pathOf (request: FastifyRequest): string {
  return request.url.split('?', 1).join('')
}
