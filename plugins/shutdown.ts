import type { ServerResponse } from 'node:http'
import { Socket } from 'node:net'
import fp from 'fastify-plugin'

declare module 'fastify' {
  interface FastifyInstance {
    /** Whether the service is ready to be sent requests, and if not, why. */
    readiness: Readonly<{ ready: boolean, reason: string }>
    /** Begins a shutdown: readiness fails from now on, while requests are still answered. `close` does it too. */
    drain: () => void
  }
}

/** How long a closing server waits for the rest of a request that is still arriving, in milliseconds. */
const PATIENCE = 2000

/** How often a closing server looks whether its last request is answered, in milliseconds. */
const SWEEP = 50

/**
 * Draining: from the first moment of a shutdown, readiness fails and every answer closes its connection. When the last
 * request is answered, whatever connection is left, idle or never used, is closed: none holds the server open.
 *
 * @see https://github.com/fastify/fastify/issues/7044
 */
export default fp(async app => {
  const readiness = { ready: false, reason: 'the service is starting' }
  app.decorate('readiness', readiness)
  app.decorate('drain', () => {
    Object.assign(readiness, { ready: false, reason: 'the service is shutting down' })
  })
  app.addHook('onReady', async () => {
    Object.assign(readiness, { ready: true, reason: '' })
  })
  // The answer that each connection waits for or had last; it gives them in order. Written over, since a set that every
  // request enters and leaves is copied over and over, and its dead copies keep requests from the quick collector.
  const latest = new Map<Socket, ServerResponse>()
  app.addHook('onRequest', ({ raw: { socket } }, reply, done) => {
    // The sockets of inject() never close.
    if (!(socket instanceof Socket)) return done()
    if (!latest.has(socket)) socket.once('close', () => latest.delete(socket))
    latest.set(socket, reply.raw)
    done()
  })
  app.addHook('preClose', async () => {
    app.drain()
    const started = performance.now()
    const sweep = setInterval(() => {
      const unanswered = [...latest.values()].filter(({ closed }) => !closed)
      if (unanswered.length === 0) app.server.closeAllConnections()
      if (performance.now() - started < PATIENCE) return
      for (const response of unanswered) if (!response.req.complete) response.destroy()
    }, SWEEP)
    app.server.once('close', () => clearInterval(sweep))
  })
  app.addHook('onSend', (_request, reply, _payload, done) => {
    if (!readiness.ready) reply.header('connection', 'close')
    done()
  })
}, { name: 'shutdown' })
