import { createHash, timingSafeEqual } from 'node:crypto'
import fp from 'fastify-plugin'
import type { Config } from '../lib/config.ts'
import { TooManyRequests, Unauthorized } from '../lib/errors.ts'
import { RateLimit, retryAfterOf } from '../lib/rate-limit.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /**
     * Lets a question in, or not: one that came over HTTP, or over another protocol with the same header fields.
     *
     * @returns the name of the API key, or null if no key is needed
     * @throws Unauthorized
     * @throws TooManyRequests, of which `retryAfterOf` tells how long to wait
     */
    authorize: (question: { headers: KeyHeaders, address: string }) => string | null
  }
  interface FastifyRequest {
    /** Name of the API key that came with the request. */
    client: string | null
  }
}

/** The header fields that may hold an API key. */
export interface KeyHeaders {
  authorization?: string | undefined
  'x-api-key'?: string | string[] | undefined
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
  const keys = (API_KEYS ?? '').split(',').filter(Boolean).map(entry => {
    const at = entry.indexOf(':')
    return { name: entry.slice(0, at), hash: hashOf(entry.slice(at + 1)) }
  })
  const wrongKeys = new RateLimit({ limit: WRONG_KEY_LIMIT, windowMs: MINUTE_MS })
  const requests = RATE_LIMIT === undefined ? null : new RateLimit({ limit: RATE_LIMIT, windowMs: MINUTE_MS })

  app.decorate('authorize', ({ headers, address }) => {
    const key = keyOf(headers)
    const client = nameOf(key)
    if (keys.length > 0 && client === null) {
      const { isWithin, retryAfterSeconds } = wrongKeys.count(address)
      if (!isWithin) throw tooMany('Too many wrong API keys came from this address', WRONG_KEY_LIMIT, retryAfterSeconds)
      throw new Unauthorized(key === null ? 'This request needs an API key' : 'This is not an API key of this service')
    }
    if (requests && RATE_LIMIT !== undefined) {
      const { isWithin, retryAfterSeconds } = requests.count(client ?? address)
      if (!isWithin) throw tooMany(`Too many requests came from ${client ?? 'this address'}`, RATE_LIMIT, retryAfterSeconds)
    }
    return client
  })

  if (API_KEYS === undefined && RATE_LIMIT === undefined) return
  app.addHook('onRequest', async (request, reply) => {
    if (!request.routeOptions.config.queues) return
    try {
      request.client = app.authorize({ headers: request.headers, address: request.ip })
    } catch (error) {
      if (error instanceof Unauthorized) reply.header('www-authenticate', 'Bearer')
      const seconds = retryAfterOf(error)
      if (seconds !== undefined) reply.header('retry-after', seconds)
      throw error
    }
  })

  /** Finds the name of a key, or null. It always takes the same time, so that the time tells nothing about the keys. */
  function nameOf (key: string | null): string | null {
    if (key === null || keys.length === 0) return null
    const hash = hashOf(key)
    return keys.reduce<string | null>((found, { name, hash: wanted }) => timingSafeEqual(hash, wanted) ? name : found, null)
  }
}, { name: 'keys' })

function keyOf ({ authorization = '', 'x-api-key': other }: KeyHeaders): string | null {
  const [, bearer] = /^Bearer +(\S+)$/i.exec(authorization) ?? []
  return bearer ?? (typeof other === 'string' ? other : null)
}

/** All hashes have the same length, so that the time to compare them does not tell the length of a key either. */
function hashOf (key: string): Buffer {
  return createHash('sha256').update(key).digest()
}

function tooMany (what: string, limit: number, retryAfterSeconds: number): Error {
  return Object.assign(new TooManyRequests(what, limit), { retryAfterSeconds })
}
