import fp from 'fastify-plugin'

declare module 'fastify' {
  interface FastifyRequest {
    /** Aborts when the client closes the connection before its answer is out; null where no handler would listen. */
    disconnected: AbortSignal | null
  }
}

/**
 * Tells a handler that nobody waits for its answer any more. Fastify's own `request.signal` follows the request
 * stream, which closes as soon as the body was read; the response stream closes with the connection.
 *
 * @see https://nodejs.org/api/http.html#event-close_2
 */
export default fp(async app => {
  app.decorateRequest('disconnected', null)
  app.addHook('preHandler', (request, reply, done) => {
    if (!request.routeOptions.config.queues) return done()
    const controller = new AbortController()
    request.disconnected = controller.signal
    reply.raw.once('close', () => {
      if (!reply.raw.writableFinished) controller.abort()
    })
    done()
  })
}, { name: 'disconnect' })
