import helmet from '@fastify/helmet'
import fp from 'fastify-plugin'
import type { Config } from '../lib/config.ts'

/** What browsers are told: that answers are no pages, are not sniffed and not framed, and which origins may read them. */
export default fp<{ config: Config }>(async (app, { config }) => {
  const { CORS_ORIGINS } = config
  await app.register(helmet, {
    // For answers that are data; pages have their own.
    contentSecurityPolicy: { useDefaults: false, directives: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] } },
    crossOriginResourcePolicy: { policy: CORS_ORIGINS === undefined ? 'same-origin' : 'cross-origin' },
    xFrameOptions: { action: 'sameorigin' },
    // The matter of whoever terminates TLS.
    strictTransportSecurity: false,
    xDnsPrefetchControl: false,
    xDownloadOptions: false,
    xPermittedCrossDomainPolicies: false,
    xXssProtection: false
  })
  if (CORS_ORIGINS === undefined) return
  await app.register(import('@fastify/cors'), {
    origin: CORS_ORIGINS === '*' ? '*' : CORS_ORIGINS.split(','),
    methods: ['GET', 'HEAD', 'POST'],
    allowedHeaders: ['authorization', 'content-type', 'x-api-key', 'x-deadline-ms', 'x-request-id'],
    exposedHeaders: ['retry-after', 'server-timing', 'x-request-id'],
    maxAge: 600
  })
}, { name: 'security' })
