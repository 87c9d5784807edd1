import { createHash, timingSafeEqual } from 'node:crypto'
import type { FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import type { Config } from '../lib/config.ts'
import { TooManyRequests, Unauthorized } from '../lib/errors.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** Name of the key that the request came with. */
    client: string | null
  }
}

/** Wrong keys that an address may try in a minute. */
const WRONG_KEYS = 30

const MINUTE = 60_000

/**
 * Who may ask, and how often: routes that queue work want one of API_KEYS, and answer RATE_LIMIT questions a minute
 * for each key, or for each address where there are no keys. Everything else stays open, probes above all.
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
  const countWrong = app.createRateLimit({ max: WRONG_KEYS, timeWindow: MINUTE, keyGenerator: ({ ip }) => `wrong ${ip}` })
  const count = RATE_LIMIT === undefined
    ? null
    : app.createRateLimit({ max: RATE_LIMIT, timeWindow: MINUTE, keyGenerator: ({ client, ip }) => client ?? ip })

  app.addHook('onRequest', async (request, reply) => {
    if (!request.routeOptions.config.queues) return
    if (keys.length > 0) {
      request.client = nameOf(keyOf(request))
      if (request.client === null) {
        const tried = await countWrong(request)
        reply.header('www-authenticate', 'Bearer')
        if (!tried.isAllowed && tried.isExceeded) {
          reply.header('retry-after', tried.ttlInSeconds)
          throw new TooManyRequests('Too many wrong keys came from this address', WRONG_KEYS)
        }
        throw new Unauthorized(keyOf(request) === null ? 'This wants an API key' : 'This is no API key of this service')
      }
    }
    const asked = await count?.(request)
    if (asked && !asked.isAllowed && asked.isExceeded) {
      reply.header('retry-after', asked.ttlInSeconds)
      throw new TooManyRequests(`Too many questions came from ${request.client ?? 'this address'}`, asked.max)
    }
  })

  /** Compares with every key in the same time, whichever it is and whether it is one. */
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

/** Of equal length for all keys, so that not even that can be told from the time. */
function hashOf (key: string): Buffer {
  return createHash('sha256').update(key).digest()
}
