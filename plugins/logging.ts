import { randomUUID } from 'node:crypto'
import { LogController, type FastifyBaseLogger, type FastifyServerOptions } from 'fastify'
import fp from 'fastify-plugin'

declare module 'fastify' {
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

/** One line for each request, when it is over; never a byte of what was sent. */
export default fp(async app => {
  app.addHook('onRequest', async (request, reply) => {
    reply.header('x-request-id', request.id)
  })
  app.addHook('onResponse', async (request, reply) => {
    line(request.log, request.routeOptions.config.quiet, {
      method: request.method,
      path: request.url.split('?', 1).join(''),
      statusCode: reply.statusCode,
      durationMs: Math.round(reply.elapsedTime * 10) / 10,
      address: request.ip
    })
  })
  app.addHook('onRequestAbort', async request => {
    line(request.log, false, { method: request.method, path: request.url.split('?', 1).join(''), aborted: true })
  })
}, { name: 'logging' })

function line (log: FastifyBaseLogger, quiet: boolean | undefined, fields: Record<string, unknown>): void {
  if (quiet) log.debug(fields, 'request')
  else log.info(fields, 'request')
}
