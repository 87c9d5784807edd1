import type { Server } from 'node:http'
import type { FastifyHttpOptions } from 'fastify'
import fp from 'fastify-plugin'
import type { Config } from '../lib/config.ts'
import { Overloaded } from '../lib/errors.ts'

/** Milliseconds in which a request must have arrived; a phone on a slow line sends a photo in this. */
const REQUEST_TIMEOUT = 60_000

/** Milliseconds in which its headers must have arrived. */
const HEADERS_TIMEOUT = 10_000

/** How often requests that take too long are looked for, in milliseconds. */
const CHECK_INTERVAL = 1000

/** Milliseconds that a connection may be silent between two requests; longer than load balancers keep theirs. */
const KEEP_ALIVE_TIMEOUT = 65_000

/** Bytes of bodies that may be arriving, or waiting for their answer, at once. */
const BODIES_LIMIT = 512 * 1024 * 1024

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

/** Refuses bodies, before their first byte is read, that together with the others would not fit into memory. */
export default fp<{ config: Config }>(async (app, { config }) => {
  const limit = Math.max(BODIES_LIMIT, config.UPLOAD_LIMIT)
  let expected = 0
  app.addHook('onRequest', (request, reply, done) => {
    if (!request.routeOptions.config.queues) return done()
    const { 'content-length': length, 'transfer-encoding': encoding } = request.headers
    const bytes = length !== undefined ? Number(length) : encoding === undefined ? 0 : config.UPLOAD_LIMIT
    if (expected + bytes > limit) return done(new Overloaded())
    expected += bytes
    reply.raw.once('close', () => { expected -= bytes })
    done()
  })
}, { name: 'connections' })
