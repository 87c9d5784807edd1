import type { Server } from 'node:http'
import type { Socket } from 'node:net'
import type { FastifyHttpOptions } from 'fastify'
import fp from 'fastify-plugin'
import { Overloaded } from '../lib/errors.ts'

/** Milliseconds in which a request must have arrived; a phone on a slow line sends a photo in this. */
const REQUEST_TIMEOUT = 60_000

/** Milliseconds in which its headers must have arrived. */
const HEADERS_TIMEOUT = 10_000

/** How often requests that take too long are looked for, in milliseconds. */
const CHECK_INTERVAL = 1000

/** Milliseconds that a connection may be silent between two requests; longer than load balancers keep theirs. */
const KEEP_ALIVE_TIMEOUT = 65_000

/** Bytes of bodies that have arrived and wait for their rest or their answer: past it no more are let in. */
const BODIES_LIMIT = 512 * 1024 * 1024

/** Milliseconds for which a count of them is good enough. */
const COUNT_AGE = 100

/**
 * Options of the server against clients that keep a connection busy with nothing.
 *
 * @see https://nodejs.org/api/http.html#httpcreateserveroptions-requestlistener
 */
export const serverOptions = {
  requestTimeout: REQUEST_TIMEOUT,
  keepAliveTimeout: KEEP_ALIVE_TIMEOUT,
  http: { headersTimeout: HEADERS_TIMEOUT, connectionsCheckingInterval: CHECK_INTERVAL }
} satisfies FastifyHttpOptions<Server>

/**
 * Refuses bodies, before their first byte is read, when those of others fill the memory. What has arrived counts, and
 * not what was announced: that costs an attacker nothing.
 */
export default fp(async app => {
  const arriving = new Map<Socket, number>()
  let counted = 0
  let sum = 0
  app.addHook('onRequest', (request, reply, done) => {
    if (!request.routeOptions.config.queues) return done()
    const { socket } = request.raw
    if (performance.now() - counted > COUNT_AGE) {
      counted = performance.now()
      sum = [...arriving].reduce((total, [{ bytesRead }, before]) => total + bytesRead - before, 0)
    }
    if (sum > BODIES_LIMIT) return done(new Overloaded())
    arriving.set(socket, socket.bytesRead)
    reply.raw.once('close', () => arriving.delete(socket))
    done()
  })
}, { name: 'connections' })
