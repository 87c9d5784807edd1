import fp from 'fastify-plugin'
import type { Timing } from '../lib/engine/scheduler.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** Duration in milliseconds of each stage that this request has passed. */
    timing: Partial<Timing & { receive: number, send: number }>
  }
}

/**
 * Measures the stages of a request. The answer shows them in its header `Server-Timing`, and the metrics count them.
 *
 * @see https://www.w3.org/TR/server-timing/
 */
export default fp(async app => {
  app.decorateRequest('timing')
  app.addHook('onRequest', (request, _reply, done) => {
    request.timing = {}
    done()
  })
  app.addHook('preHandler', (request, reply, done) => {
    if (request.routeOptions.config.queues) request.timing.receive = reply.elapsedTime
    done()
  })
  app.addHook('onSend', (request, reply, _payload, done) => {
    const { timing } = request
    if (timing.infer === undefined) return done()
    // The onResponse hook adds the time of the end.
    timing.send = -reply.elapsedTime
    const stages = (['receive', 'decode', 'queue', 'infer'] as const).map(stage => `${stage};dur=${(timing[stage] ?? 0).toFixed(2)}`)
    reply.header('server-timing', `${stages.join(', ')}, total;dur=${reply.elapsedTime.toFixed(2)}`)
    done()
  })
  app.addHook('onResponse', (request, reply, done) => {
    if (request.timing.send !== undefined) request.timing.send += reply.elapsedTime
    done()
  })
}, { name: 'timing' })
