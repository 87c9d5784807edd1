import type { Socket } from 'node:net'
import type { FastifyReply } from 'fastify'
import fp from 'fastify-plugin'
import { NotReady } from '../lib/errors.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /** Whether the service is ready for requests. If it is not, `reason` says why. */
    readiness: Readonly<{ ready: boolean, reason: string }>
    /** Begins a shutdown: readiness fails from now on, but requests are still answered. `close` calls it, too. */
    drain: () => void
  }
}

/**
 * How long a closing server waits for the rest of a request that is still arriving. Its answer may then take DEADLINE_MS.
 * Both are shorter than the time that server.ts gives the shutdown.
 */
const ARRIVAL_GRACE_MS = 4000

/** How long a client that is still sending may take to read the answer and to close its connection. */
const LINGER_MS = 1000

/** How often a closing server checks whether its last request is answered. */
const SWEEP_INTERVAL_MS = 50

/**
 * Shuts the server down without losing a request. When a shutdown begins, readiness fails, and every answer closes its
 * connection. A request that does not arrive in time gets a 503. When the last request is answered, the server closes all
 * other connections, also those that were never used. Otherwise they would keep it open.
 *
 * @see https://github.com/fastify/fastify/issues/7044
 */
export default fp<{ arrivalGraceMs?: number }>(async (app, { arrivalGraceMs = ARRIVAL_GRACE_MS }) => {
  const readiness = { ready: false, reason: 'the service is starting' }
  app.decorate('readiness', readiness)
  app.decorate('drain', () => {
    Object.assign(readiness, { ready: false, reason: 'the service is shutting down' })
  })
  app.addHook('onReady', async () => {
    Object.assign(readiness, { ready: true, reason: '' })
  })
  app.addHook('preClose', async () => {
    app.drain()
    const started = performance.now()
    const lingering = new Set<Socket>()
    const sweep = setInterval(() => {
      const unanswered = app.unanswered()
      if (unanswered.length === 0 && lingering.size === 0) app.server.closeAllConnections()
      if (performance.now() - started < arrivalGraceMs) return
      for (const { socket, reply } of unanswered) {
        if (reply.request.raw.complete || reply.sent) continue
        lingering.add(socket)
        socket.once('close', () => { lingering.delete(socket) })
        refuse(reply, socket)
      }
    }, SWEEP_INTERVAL_MS)
    app.server.once('close', () => clearInterval(sweep))
  })
  app.addHook('onSend', (_request, reply, _payload, done) => {
    if (!readiness.ready) reply.header('connection', 'close')
    done()
  })
}, { name: 'shutdown', dependencies: ['unanswered'] })

/** Answers 503 to a client that is still sending. Reads and drops what it sends, until it has read the answer. */
function refuse (reply: FastifyReply, socket: Socket): void {
  // The readers of the body wait no longer.
  reply.request.raw.unpipe().removeAllListeners('data').removeAllListeners('end').removeAllListeners('error').resume()
  // The plugin `lingering` keeps the connection open for longer than a shutdown may take.
  setTimeout(() => { socket.destroy() }, LINGER_MS)
  reply.send(new NotReady('the service is shutting down, and the request did not arrive in time; try again'))
}
