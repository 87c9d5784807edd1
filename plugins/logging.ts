import { randomUUID } from 'node:crypto'
import { LogController, type FastifyServerOptions } from 'fastify'
import fp from 'fastify-plugin'
import type { Ranked } from '../lib/output/classify.ts'
import type { AccessFields } from '../wire/log-lines.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** The labels of the answer, for the logs and the metrics. */
    rankings: Ranked[][] | null
  }
  interface FastifyContextConfig {
    /** Set on probes and metrics: their requests are logged at level debug. */
    quiet?: boolean
  }
}

/** Server options for logging. The id of a request is the caller's `x-request-id` if it is valid, else a new UUID. */
export const serverOptions = {
  logController: new LogController({ disableRequestLogging: true }),
  genReqId: ({ headers }) => {
    const given = headers['x-request-id']
    return typeof given === 'string' && /^[\w.:/+=-]{1,128}$/.test(given) ? given : randomUUID()
  }
} satisfies FastifyServerOptions

/** Logs one line for each request, when it is answered or its client has gone. The line holds no byte of the body. */
export default fp(async app => {
  app.decorateRequest('rankings', null)

  app.addHook('onRequest', (request, reply, done) => {
    reply.header('x-request-id', request.id)
    // A closed connection has no address.
    const address = request.ip
    let isLogged = false
    const log = (isAnswered: boolean) => {
      if (isLogged) return
      isLogged = true
      const { rankings, client } = request
      const fields: AccessFields = {
        method: request.method,
        path: request.originalUrl.split('?', 1).join(''),
        ...(isAnswered ? { statusCode: reply.statusCode } : { aborted: true }),
        durationMs: Math.round(reply.elapsedTime * 10) / 10,
        address,
        ...(client && { client }),
        ...(rankings && predictionFields(rankings))
      }
      if (request.routeOptions.config.quiet) request.log.debug(fields, 'request')
      else request.log.info(fields, 'request')
    }
    // The response stream closes in both cases. Fastify's own hooks miss a client that leaves before it is answered.
    reply.raw.once('close', () => log(reply.raw.writableEnded))
    if (!reply.raw.socket) {
      // A response that waits behind another one has no connection yet, and does not close with it.
      const { socket } = request.raw
      const onLeave = () => log(false)
      socket.setMaxListeners(0).once('close', onLeave)
      reply.raw.once('close', () => { socket.off('close', onLeave) })
    }
    done()
  })

  function predictionFields (rankings: Ranked[][]): Partial<AccessFields> {
    const { name: model, version } = app.model.card
    const [[first] = []] = rankings.length === 1 ? rankings : []
    return { inputs: rankings.length, model, version, ...(first && { label: first.label, confidence: first.probability }) }
  }
}, { name: 'logging' })
