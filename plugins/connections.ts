import type { Server, ServerResponse } from 'node:http'
import { Socket } from 'node:net'
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

/** Milliseconds, beyond the deadline of an answer, in which a client may neither send nor read a byte. */
const SILENCE = 30_000

/** Milliseconds that a connection may be silent between two requests; longer than load balancers keep theirs. */
const KEEP_ALIVE_TIMEOUT = 65_000

/** Bytes of bodies that have arrived and wait for their rest or their answer: past it no large ones are let in. */
const BODIES_LIMIT = 512 * 1024 * 1024

/** Bytes of a body that is let in even then, so that large ones keep no small one out. */
const SMALL = 1024 * 1024

/** How often they are counted, in milliseconds. */
const COUNT_INTERVAL = 100

/**
 * Options of the server against clients that keep a connection busy with nothing.
 *
 * @see https://nodejs.org/api/http.html#httpcreateserveroptions-requestlistener
 */
export function serverOptions ({ DEADLINE_MS }: Config): FastifyHttpOptions<Server> {
  return {
    connectionTimeout: DEADLINE_MS + SILENCE,
    requestTimeout: REQUEST_TIMEOUT,
    keepAliveTimeout: KEEP_ALIVE_TIMEOUT,
    http: { headersTimeout: HEADERS_TIMEOUT, connectionsCheckingInterval: CHECK_INTERVAL }
  }
}

/**
 * Refuses bodies, before their first byte is read, when those of others fill the memory. What has arrived counts, and
 * not what was announced: that costs an attacker nothing. Where many were let in with little and then send much, the
 * largest that are still arriving are cut off.
 */
export default fp<{ config: Config }>(async (app, { config }) => {
  // By connection, as in the shutdown: what a connection waits for or had last, and its bytes before that came.
  const latest = new Map<Socket, { response: ServerResponse, before: number }>()
  let sum = 0
  const count = setInterval(() => {
    const unanswered = [...latest].filter(([, { response }]) => !response.closed)
      .map(([socket, { response, before }]) => ({ socket, complete: response.req.complete, size: socket.bytesRead - before }))
    sum = unanswered.reduce((total, { size }) => total + size, 0)
    if (sum <= BODIES_LIMIT + config.UPLOAD_LIMIT) return
    for (const { socket, size } of unanswered.filter(({ complete }) => !complete).sort((a, b) => b.size - a.size)) {
      if (sum <= BODIES_LIMIT) return
      sum -= size
      socket.destroy()
    }
  }, COUNT_INTERVAL).unref()
  app.addHook('onClose', async () => clearInterval(count))

  app.addHook('onRequest', ({ raw, routeOptions }, reply, done) => {
    if (!routeOptions.config.queues) return done()
    const isSmall = Number(raw.headers['content-length']) <= SMALL
    if (sum > BODIES_LIMIT && !isSmall) return done(new Overloaded())
    const { socket } = raw
    // The sockets of inject() count nothing, and never close.
    if (!(socket instanceof Socket)) return done()
    const last = latest.get(socket)
    if (!last) socket.once('close', () => latest.delete(socket))
    // Of requests that are sent without waiting for answers, the bodies count from the first on.
    latest.set(socket, { response: reply.raw, before: last && !last.response.closed ? last.before : socket.bytesRead })
    done()
  })
}, { name: 'connections' })
