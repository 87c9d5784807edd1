import { randomUUID } from 'node:crypto'
import { LogController, type FastifyServerOptions } from 'fastify'
import fp from 'fastify-plugin'
import type { Prediction } from '../lib/output/prediction.ts'
import { answerFields, type AccessFields } from '../wire/log-lines.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** The predictions of the answer, for the logs and the metrics. */
    predictions: Prediction[] | null
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
  app.decorateRequest('predictions', null)

  app.addHook('onRequest', (request, reply, done) => {
    reply.header('x-request-id', request.id)
    // A closed connection has no address.
    const address = request.ip
    let isLogged = false
    const log = (isAnswered: boolean) => {
      if (isLogged) return
      isLogged = true
      const { predictions, client } = request
      const fields: AccessFields = {
        method: request.method,
        path: request.originalUrl.split('?', 1).join(''),
        ...(isAnswered ? { statusCode: reply.statusCode } : { aborted: true }),
        durationMs: Math.round(reply.elapsedTime * 10) / 10,
        address,
        ...(client && { client }),
        ...(predictions && predictionFields(predictions))
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

  function predictionFields (predictions: Prediction[]): Partial<AccessFields> {
    const { name: model, version } = app.model.card
    const [first] = predictions
    return { inputs: predictions.length, model, version, ...predictions.length === 1 && first && answerFields(first) }
  }
}, { name: 'logging' })
