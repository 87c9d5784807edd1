import { createHash, timingSafeEqual } from 'node:crypto'
import type { FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import type { Config } from '../lib/config.ts'
import { TooManyRequests, Unauthorized } from '../lib/errors.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** Name of the API key that came with the request. */
    client: string | null
  }
}

/** How many wrong keys an address may try in a minute. */
const WRONG_KEY_LIMIT = 30

const MINUTE_MS = 60_000

/**
 * Decides who may ask, and how often. A route that queues work requires one of API_KEYS, if there are any. It accepts
 * RATE_LIMIT requests a minute for each key, or for each address if there are no keys. All other routes are open to
 * everyone, so that probes always work.
 */
export default fp<{ config: Config }>(async (app, { config }) => {
  app.decorateRequest('client', null)
  const { API_KEYS, RATE_LIMIT } = config
  if (API_KEYS === undefined && RATE_LIMIT === undefined) return
  const keys = (API_KEYS ?? '').split(',').filter(Boolean).map(entry => {
    const at = entry.indexOf(':')
    return { name: entry.slice(0, at), hash: hashOf(entry.slice(at + 1)) }
  })
  await app.register(import('@fastify/rate-limit'), { global: false })
  const countWrongKey = app.createRateLimit({ max: WRONG_KEY_LIMIT, timeWindow: MINUTE_MS, keyGenerator: ({ ip }) => `wrong ${ip}` })
  const countRequest = RATE_LIMIT === undefined
    ? null
    : app.createRateLimit({ max: RATE_LIMIT, timeWindow: MINUTE_MS, keyGenerator: ({ client, ip }) => client ?? ip })

  app.addHook('onRequest', async (request, reply) => {
    if (!request.routeOptions.config.queues) return
    if (keys.length > 0) {
      request.client = nameOf(keyOf(request))
      if (request.client === null) {
        const wrongKeys = await countWrongKey(request)
        reply.header('www-authenticate', 'Bearer')
        if (!wrongKeys.isAllowed && wrongKeys.isExceeded) {
          reply.header('retry-after', wrongKeys.ttlInSeconds)
          throw new TooManyRequests('Too many wrong API keys came from this address', WRONG_KEY_LIMIT)
        }
        throw new Unauthorized(keyOf(request) === null ? 'This request needs an API key' : 'This is not an API key of this service')
      }
    }
    const requests = await countRequest?.(request)
    if (requests && !requests.isAllowed && requests.isExceeded) {
      reply.header('retry-after', requests.ttlInSeconds)
      throw new TooManyRequests(`Too many requests came from ${request.client ?? 'this address'}`, requests.max)
    }
  })

  /** Finds the name of a key, or null. It always takes the same time, so that the time tells nothing about the keys. */
  function nameOf (key: string | null): string | null {
    if (key === null) return null
    const hash = hashOf(key)
    return keys.reduce<string | null>((found, { name, hash: wanted }) => timingSafeEqual(hash, wanted) ? name : found, null)
  }
}, { name: 'keys' })

function keyOf ({ headers }: FastifyRequest): string | null {
  const [, bearer] = /^Bearer +(\S+)$/i.exec(headers.authorization ?? '') ?? []
  const other = headers['x-api-key']
  return bearer ?? (typeof other === 'string' ? other : null)
}

/** All hashes have the same length, so that the time to compare them does not tell the length of a key either. */
function hashOf (key: string): Buffer {
  return createHash('sha256').update(key).digest()
}
