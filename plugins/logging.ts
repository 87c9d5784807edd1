import { randomUUID } from 'node:crypto'
import { LogController, type FastifyServerOptions } from 'fastify'
import fp from 'fastify-plugin'
import type { Ranked } from '../lib/output/classify.ts'
import type { AccessFields } from '../wire/log-lines.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** What was answered, for those who log and count it. */
    rankings: Ranked[][] | null
  }
  interface FastifyContextConfig {
    /** Set on probes and metrics: their lines are logged at level debug. */
    quiet?: boolean
  }
}

/** Options of the server that logging needs. A request's id is the caller's where it is sane, else our own. */
export const serverOptions = {
  logController: new LogController({ disableRequestLogging: true }),
  genReqId: ({ headers }) => {
    const given = headers['x-request-id']
    return typeof given === 'string' && /^[\w.:/+=-]{1,128}$/.test(given) ? given : randomUUID()
  }
} satisfies FastifyServerOptions

/** One line for each request, when it is over or its client has gone; never a byte of what was sent. */
export default fp(async app => {
  app.decorateRequest('rankings', null)

  app.addHook('onRequest', (request, reply, done) => {
    reply.header('x-request-id', request.id)
    // A connection that was closed has no address.
    const address = request.ip
    // The response stream closes in either case; Fastify's own hooks miss a client who leaves while the work is going on.
    reply.raw.on('close', () => {
      const { rankings, client } = request
      const fields: AccessFields = {
        method: request.method,
        path: request.url.split('?', 1).join(''),
        ...(reply.raw.writableEnded ? { statusCode: reply.statusCode } : { aborted: true }),
        durationMs: Math.round(reply.elapsedTime * 10) / 10,
        address,
        ...(client && { client }),
        ...(rankings && predictionFields(rankings))
      }
      if (request.routeOptions.config.quiet) request.log.debug(fields, 'request')
      else request.log.info(fields, 'request')
    })
    done()
  })

  function predictionFields (rankings: Ranked[][]): Partial<AccessFields> {
    const { name: model, version } = app.model.card
    const [[first] = []] = rankings.length === 1 ? rankings : []
    return { inputs: rankings.length, model, version, ...(first && { label: first.label, confidence: first.probability }) }
  }
}, { name: 'logging' })
