import underPressure from '@fastify/under-pressure'
import fp from 'fastify-plugin'
import type { Priority } from '../lib/engine/scheduler.ts'
import { Overloaded, QueueFull } from '../lib/errors.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The priority of the inputs that the route queues; it is refused at once when there is no room for one. */
    queues?: Priority
    /** Set on probes and metrics, which answer under any load. */
    pressureHandler?: () => void
  }
}

/** New work is refused while the event loop is late by this much. */
const EVENT_LOOP_DELAY_MS = 1000

/**
 * Refuses early what could not be answered in time: cheaply, before a body is read or decoded.
 */
export default fp(async app => {
  await app.register(underPressure, { maxEventLoopDelay: EVENT_LOOP_DELAY_MS, customError: Overloaded })

  app.addHook('onRequest', (request, _reply, done) => {
    const { queues } = request.routeOptions.config
    done(queues && !app.model.accepts(queues) ? new QueueFull(app.model.status().admitted) : undefined)
  })
}, { name: 'overload', dependencies: ['model'] })
