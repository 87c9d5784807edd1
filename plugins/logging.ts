import { LogController, type FastifyBaseLogger, type FastifyServerOptions } from 'fastify'
import fp from 'fastify-plugin'
import type { Predictions } from '../lib/output/prediction.ts'
import { answerFields, requestIdOf, type AccessFields } from '../wire/log-lines.ts'

/** A question that is answered, or that its client gave up: over HTTP or over another protocol. */
export interface Access {
  method: string
  path: string
  /** Status of HTTP for the outcome; undefined if the client did not wait for it. */
  statusCode: number | undefined
  durationMs: number
  address: string
  client: string | null
  predictions: Predictions | null
  /** Probes and metrics are logged at level debug. */
  quiet: boolean
}

declare module 'fastify' {
  interface FastifyInstance {
    /** Logs what came over another protocol than HTTP. Requests of HTTP are logged without it. */
    logAccess: (log: FastifyBaseLogger, access: Access) => void
  }
  interface FastifyRequest {
    /** The predictions of the answer, for the logs and the metrics. */
    predictions: Predictions | null
  }
  interface FastifyContextConfig {
    /** Set on probes and metrics: their requests are logged at level debug. */
    quiet?: boolean
  }
}

/** For each level of a line, the levels of a logger that writes it. */
const SHOWN_AT = { info: new Set(['info', 'debug', 'trace']), debug: new Set(['debug', 'trace']) }

/** Server options for logging. */
export const serverOptions = {
  logController: new LogController({ disableRequestLogging: true }),
  genReqId: ({ headers }) => requestIdOf(headers['x-request-id'])
} satisfies FastifyServerOptions

/** Logs one line for each request, when it is answered or its client has gone. The line holds no byte of the body. */
export default fp(async app => {
  app.decorateRequest('predictions', null)
  app.decorate('logAccess', (log, { method, path, statusCode, durationMs, address, client, predictions, quiet }) => {
    const fields: AccessFields = {
      method,
      path,
      ...statusCode === undefined ? { aborted: true } : { statusCode },
      durationMs: Math.round(durationMs * 10) / 10,
      address,
      ...(client && { client }),
      ...(predictions && predictionFields(predictions))
    }
    if (quiet) log.debug(fields, 'request')
    else log.info(fields, 'request')
  })

  app.addHook('onRequest', (request, reply, done) => {
    reply.header('x-request-id', request.id)
    if (!SHOWN_AT.info.has(app.log.level)) return done()
    const { quiet = false } = request.routeOptions.config
    if (quiet && !SHOWN_AT.debug.has(app.log.level)) return done()
    // A closed connection has no address.
    const address = request.ip
    let isLogged = false
    const log = (isAnswered: boolean) => {
      if (isLogged) return
      isLogged = true
      app.logAccess(request.log, {
        method: request.method,
        path: request.originalUrl.split('?', 1).join(''),
        statusCode: isAnswered ? reply.statusCode : undefined,
        durationMs: reply.elapsedTime,
        address,
        client: request.client,
        predictions: request.predictions,
        quiet
      })
    }
    // The response stream closes in both cases. Fastify's own hooks miss a client that leaves before it is answered.
    reply.raw.on('close', () => log(reply.raw.writableEnded))
    if (!reply.raw.socket) {
      // A response that waits behind another one has no connection yet, and does not close with it.
      const { socket } = request.raw
      const onLeave = () => log(false)
      socket.setMaxListeners(0).once('close', onLeave)
      reply.raw.once('close', () => { socket.off('close', onLeave) })
    }
    done()
  })

  function predictionFields (predictions: Predictions): Partial<AccessFields> {
    const { name: model, version } = app.model.card
    const first = predictions.length === 1 ? predictions.at(0) : undefined
    return { inputs: predictions.length, model, version, ...first && answerFields(first) }
  }
}, { name: 'logging' })
