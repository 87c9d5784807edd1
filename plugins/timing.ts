import fp from 'fastify-plugin'
import type { Timing } from '../lib/engine/scheduler.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** Milliseconds of each stage that this request went through so far. */
    timing: Partial<Timing & { receive: number, send: number }>
  }
}

/**
 * Where a request's time went: `Server-Timing` on the answer, and the stages for the metrics.
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
