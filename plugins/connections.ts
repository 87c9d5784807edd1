import type { Server } from 'node:http'
import type { FastifyHttpOptions } from 'fastify'
import fp from 'fastify-plugin'
import type { Config } from '../lib/config.ts'
import { Overloaded } from '../lib/errors.ts'

/** How long a request may take to arrive. It is enough for a photo from a phone on a slow line. */
const REQUEST_TIMEOUT_MS = 60_000

/** How long the headers of a request may take to arrive. */
const HEADERS_TIMEOUT_MS = 10_000

/** How often the server looks for requests that take longer. */
const CHECK_INTERVAL_MS = 1000

/** How much longer than DEADLINE_MS a connection may carry no byte. Then the server closes it. */
const SILENCE_MS = 30_000

/** How long a connection may stay idle between two requests: longer than at a load balancer, which closes it first. */
const KEEP_ALIVE_TIMEOUT_MS = 65_000

/** How many bytes the bodies of unanswered requests may take together. Above it, the server refuses large bodies. */
const BODIES_LIMIT_BYTES = 256 * 1024 * 1024

/** A body of at most this size is accepted even then, so that large bodies do not keep small ones out. */
const SMALL_BODY_BYTES = 1024 * 1024

/** How often the server adds up these bytes. */
const COUNT_INTERVAL_MS = 100

/**
 * Server options that limit how long a slow or silent client can hold a connection.
 *
 * @see https://nodejs.org/api/http.html#httpcreateserveroptions-requestlistener
 */
export function serverOptions ({ DEADLINE_MS }: Pick<Config, 'DEADLINE_MS'>, silenceMs = SILENCE_MS): FastifyHttpOptions<Server> {
  return {
    connectionTimeout: DEADLINE_MS + silenceMs,
    requestTimeout: REQUEST_TIMEOUT_MS,
    keepAliveTimeout: KEEP_ALIVE_TIMEOUT_MS,
    http: { headersTimeout: HEADERS_TIMEOUT_MS, connectionsCheckingInterval: CHECK_INTERVAL_MS }
  }
}

/**
 * Limits the memory that request bodies take together. Only bytes that have arrived count, because an attacker can
 * announce a large body for free. Above the limit, the server refuses a large body before it reads the first byte.
 * Bodies that it accepted earlier may still grow above the limit. Then it closes the connections with the largest of
 * the bodies that are still arriving.
 */
export default fp<{ config: Config }>(async (app, { config }) => {
  let sum = 0
  const count = setInterval(() => {
    const unanswered = app.unanswered()
    sum = unanswered.reduce((total, { receivedBytes }) => total + receivedBytes, 0)
    if (sum <= BODIES_LIMIT_BYTES + config.UPLOAD_LIMIT) return
    const arriving = unanswered.filter(({ response }) => !response.req.complete)
    for (const { socket, receivedBytes } of arriving.sort((a, b) => b.receivedBytes - a.receivedBytes)) {
      if (sum <= BODIES_LIMIT_BYTES) return
      sum -= receivedBytes
      socket.destroy()
    }
  }, COUNT_INTERVAL_MS).unref()
  app.addHook('onClose', async () => clearInterval(count))

  app.addHook('onRequest', (request, _reply, done) => {
    if (sum <= BODIES_LIMIT_BYTES || !request.routeOptions.config.queues) return done()
    const isSmall = Number(request.headers['content-length']) <= SMALL_BODY_BYTES
    done(isSmall ? undefined : new Overloaded())
  })
}, { name: 'connections', dependencies: ['unanswered'] })
