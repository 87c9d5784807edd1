import type { preHandlerHookHandler } from 'fastify'
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
  const receive: preHandlerHookHandler = (request, reply, done) => {
    request.timing.receive = reply.elapsedTime
    done()
  }
  app.addHook('onRoute', route => {
    if (route.config?.queues) route.preHandler = [...[route.preHandler ?? []].flat(), receive]
  })
  app.addHook('onSend', (request, reply, _payload, done) => {
    const { timing } = request
    if (timing.infer === undefined) return done()
    const { receive = 0, decode = 0, queue = 0, infer } = timing
    const total = reply.elapsedTime
    // The onResponse hook adds the time of the end.
    timing.send = -total
    reply.header('server-timing', `receive;dur=${rounded(receive)}, decode;dur=${rounded(decode)}, queue;dur=${rounded(queue)}, infer;dur=${rounded(infer)}, total;dur=${rounded(total)}`)
    done()
  })
  app.addHook('onResponse', (request, reply, done) => {
    if (request.timing.send !== undefined) request.timing.send += reply.elapsedTime
    done()
  })
}, { name: 'timing' })

/** Milliseconds with two decimals. `toFixed` would take longer than all the rest of the header. */
function rounded (durationMs: number): string {
  const hundredths = Math.round(durationMs * 100)
  const decimals = hundredths % 100
  return `${(hundredths - decimals) / 100}.${decimals < 10 ? '0' : ''}${decimals}`
}
