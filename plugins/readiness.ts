import fp from 'fastify-plugin'
import { NotReady } from '../lib/errors.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /**
     * Checks that requests may be sent: the model is loaded, all workers live, and the service is not shutting down. Every
     * readiness probe, whatever its protocol, asks here.
     *
     * @throws NotReady that says why
     */
    assertReady: () => void
  }
}

/** Decides whether the service is ready. */
export default fp(async app => {
  app.decorate('assertReady', () => {
    if (!app.readiness.ready) throw new NotReady(app.readiness.reason)
    const { workers: { size, alive } } = app.model.status()
    if (alive < size) throw new NotReady(`${size - alive} of ${size} workers died and are being replaced`)
  })
}, { name: 'readiness', dependencies: ['shutdown', 'model'] })
