import underPressure from '@fastify/under-pressure'
import fp from 'fastify-plugin'
import type { Priority } from '../lib/engine/scheduler.ts'
import { Overloaded, QueueFull } from '../lib/errors.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /** Whether the event loop is late because it is busy, so that new requests are refused. */
    isLate: () => boolean
  }
  interface FastifyContextConfig {
    /** Set on routes that queue inputs: their priority. If the queue has no room for one, the route answers 503. */
    queues?: Priority
    /** Set on probes and metrics, so that they answer under any load. */
    pressureHandler?: () => void
  }
}

/** While the delay of the event loop is above this limit, new requests are refused. */
const EVENT_LOOP_DELAY_LIMIT_MS = 1000

/**
 * A late event loop that did nothing for most of the last second was not busy: the whole process was frozen, as Lambda does
 * between two requests, and as a machine does that sleeps.
 */
const BUSY_SHARE = 0.5

export interface OverloadOptions {
  /** Milliseconds. Default: 1000. Infinity: the event loop's delay refuses nothing. */
  delayLimit?: number
}

/** Refuses a request that could not be answered in time, before its body is read or decoded. */
export default fp<OverloadOptions>(async (app, { delayLimit = EVENT_LOOP_DELAY_LIMIT_MS }) => {
  await app.register(underPressure, {
    ...Number.isFinite(delayLimit) && { maxEventLoopDelay: delayLimit },
    eventLoopUtilizationMode: 'interval',
    pressureHandler: async () => {
      if (app.isLate()) throw new Overloaded()
    }
  })
  app.decorate('isLate', () => app.isUnderPressure() && app.memoryUsage().eventLoopUtilized > BUSY_SHARE)

  app.addHook('onRequest', (request, _reply, done) => {
    const { queues } = request.routeOptions.config
    done(queues && !app.model.accepts(queues) ? new QueueFull(app.model.status().admitted) : undefined)
  })
}, { name: 'overload', dependencies: ['model'] })
