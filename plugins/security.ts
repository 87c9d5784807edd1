import { IncomingMessage, ServerResponse, type OutgoingHttpHeaders } from 'node:http'
import { Socket } from 'node:net'
import fp from 'fastify-plugin'
import helmet from 'helmet'
import type { Config } from '../lib/config.ts'

/** Sets headers for browsers: answers are not pages, not sniffed, not framed, and only some origins may read them. */
export default fp<{ config: Config }>(async (app, { config }) => {
  const { CORS_ORIGINS } = config
  const headers = headersOf(helmet({
    // For answers that are data. Pages set a policy of their own.
    contentSecurityPolicy: { useDefaults: false, directives: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] } },
    crossOriginResourcePolicy: { policy: CORS_ORIGINS === undefined ? 'same-origin' : 'cross-origin' },
    xFrameOptions: { action: 'sameorigin' },
    // Whatever terminates TLS decides this.
    strictTransportSecurity: false,
    xDnsPrefetchControl: false,
    xDownloadOptions: false,
    xPermittedCrossDomainPolicies: false,
    xXssProtection: false
  }))
  app.addHook('onRequest', (_request, reply, done) => {
    reply.headers(headers)
    done()
  })
  if (CORS_ORIGINS === undefined) return
  await app.register(import('@fastify/cors'), {
    origin: CORS_ORIGINS === '*' ? '*' : CORS_ORIGINS.split(','),
    methods: ['GET', 'HEAD', 'POST'],
    allowedHeaders: ['authorization', 'content-type', 'inference-header-content-length', 'x-api-key', 'x-deadline-ms', 'x-request-id'],
    exposedHeaders: ['inference-header-content-length', 'retry-after', 'server-timing', 'x-request-id'],
    maxAge: 600
  })
}, { name: 'security' })

/** The headers that a middleware sets. They are the same for every answer, so the middleware runs only once. */
function headersOf (middleware: ReturnType<typeof helmet>): OutgoingHttpHeaders {
  const request = new IncomingMessage(new Socket())
  const response = new ServerResponse(request)
  middleware(request, response, () => {})
  return { ...response.getHeaders() }
}
