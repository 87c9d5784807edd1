import fp from 'fastify-plugin'

declare module 'fastify' {
  interface FastifyInstance {
    /** Whether the service is ready for requests. If it is not, `reason` says why. */
    readiness: Readonly<{ ready: boolean, reason: string }>
    /** Begins a shutdown: readiness fails from now on, but requests are still answered. `close` calls it, too. */
    drain: () => void
  }
}

/** How long a closing server waits for the rest of a request that is still arriving. */
const ARRIVAL_GRACE_MS = 2000

/** How often a closing server checks whether its last request is answered. */
const SWEEP_INTERVAL_MS = 50

/**
 * Shuts the server down without losing a request. When a shutdown begins, readiness fails, and every answer closes its
 * connection. When the last request is answered, the server closes all other connections, also those that were never
 * used. Otherwise they would keep it open.
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
  app.addHook('preClose', async () => {
    app.drain()
    const started = performance.now()
    const sweep = setInterval(() => {
      const unanswered = app.unanswered()
      if (unanswered.length === 0) app.server.closeAllConnections()
      if (performance.now() - started < ARRIVAL_GRACE_MS) return
      for (const { response } of unanswered) if (!response.req.complete) response.destroy()
    }, SWEEP_INTERVAL_MS)
    app.server.once('close', () => clearInterval(sweep))
  })
  app.addHook('onSend', (_request, reply, _payload, done) => {
    if (!readiness.ready) reply.header('connection', 'close')
    done()
  })
}, { name: 'shutdown', dependencies: ['unanswered'] })
