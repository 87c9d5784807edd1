import type { Server } from 'node:http'
import type { FastifyHttpOptions } from 'fastify'
import fp from 'fastify-plugin'
import type { Config } from '../lib/config.ts'
import { Overloaded } from '../lib/errors.ts'

/** A request must have arrived in this time; a phone on a slow line sends a photo in it. */
const REQUEST_TIMEOUT_MS = 60_000

/** The headers of a request must have arrived in this time. */
const HEADERS_TIMEOUT_MS = 10_000

/** The server looks for requests that take too long this often. */
const CHECK_INTERVAL_MS = 1000

/** A client may neither send nor read a byte for this time beyond the deadline of an answer. */
const SILENCE_MS = 30_000

/** A connection may be silent for this time between two requests; load balancers close theirs earlier. */
const KEEP_ALIVE_TIMEOUT_MS = 65_000

/** Bytes of bodies without an answer, all together: past it no large body is let in. */
const BODIES_LIMIT_BYTES = 512 * 1024 * 1024

/** A body of this size is let in even then, so that large ones keep no small one out. */
const SMALL_BODY_BYTES = 1024 * 1024

/** The bodies are counted this often. */
const COUNT_INTERVAL_MS = 100

/**
 * Options of the server against clients that keep a connection busy with nothing.
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
 * Limits the memory that bodies take together. Only bytes that have arrived count: announced ones cost an attacker
 * nothing. Past the limit, a large body is refused before its first byte is read. Where many bodies were let in early and
 * grow later, the largest that are still arriving are cut off.
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

  app.addHook('onRequest', ({ headers, routeOptions }, _reply, done) => {
    const isSmall = Number(headers['content-length']) <= SMALL_BODY_BYTES
    done(routeOptions.config.queues && sum > BODIES_LIMIT_BYTES && !isSmall ? new Overloaded() : undefined)
  })
}, { name: 'connections', dependencies: ['unanswered'] })
