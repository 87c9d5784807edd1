import type { FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import type { Config } from '../lib/config.ts'
import { Budget } from '../lib/engine/budget.ts'
import { release } from '../lib/release.ts'
import { PIECE_BYTES } from '../lib/turn.ts'
import { wireOf } from '../wire/index.ts'
import { jsonLimitBytesOf, readJson, type JsonLimits } from '../wire/json.ts'
import { receive, receiveText } from '../wire/receive.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /**
     * Parses JSON that a route has received itself: a large body in pieces, when there is memory for its values. They
     * count until the answer is sent.
     *
     * @param body it is released, so that no other code may use it any more
     * @throws BodyMalformed, BodyTooComplex
     */
    readJson: (request: FastifyRequest, reply: FastifyReply, body: Buffer, limits: JsonLimits) => Promise<unknown>
  }
}

/** How many times its bytes the values of a JSON body may take: a picture in base64 is a text, then bytes. */
const PARSED_SHARE = 4

/** Memory for the values of all large JSON bodies together. Bodies that need more wait. */
const PARSED_LIMIT_BYTES = 128 * 1024 * 1024

/** How many lists and objects of a JSON body may be inside one another: `{"instances":[[…]]}` takes three. */
const JSON_DEPTH_LIMIT = 32

/** Reads JSON: a small body at once, a large one in pieces and within the limits of the model. */
export default fp<{ config: Config }>(async (app, { config }) => {
  app.removeContentTypeParser('application/json')
  const parseSmall = app.getDefaultJsonParser('error', 'error')
  const limitBytes = jsonLimitBytesOf(config.UPLOAD_LIMIT)
  app.addContentTypeParser('application/json', (request, payload, done) => {
    if (Number(request.headers['content-length']) <= Math.min(PIECE_BYTES, limitBytes)) {
      return receiveText(payload, (error, text) => error ? done(error) : parseSmall(request, text, done))
    }
    receive(payload, limitBytes).then(body => {
      if (body.length <= PIECE_BYTES) parseSmall(request, body.toString(), done)
      else done(null, new LargeJson(body))
    }, done)
  })
  const limits = { values: (app.model.status().queueLimit + 1) * wireOf(app.model.card, app.model.signature).jsonValuesPerInput, depth: JSON_DEPTH_LIMIT }
  const parsed = new Budget(PARSED_LIMIT_BYTES)
  /** For each request with large JSON: its values are no longer needed after this call. */
  const answered = new WeakMap<FastifyRequest, () => void>()
  app.addHook('preValidation', (request, reply, done) => {
    const { body } = request
    if (!(body instanceof LargeJson)) return done()
    app.readJson(request, reply, body.take(), limits).then(value => {
      request.body = value
      done()
    }, done)
  })
  app.decorate('readJson', async (request, reply, body, limits) => await new Promise((resolve, reject) => {
    parsed.spend(body.length * PARSED_SHARE, async () => {
      const isAnswered = new Promise<void>(resolve => {
        answered.set(request, resolve)
        reply.raw.once('close', resolve)
      })
      try {
        resolve(await readJson(body, limits))
      } catch (error) {
        reject(error)
      } finally {
        release(body)
      }
      await isAnswered
    })
  }))

  // Not when the answer is received: a client may take long to read it.
  app.addHook('onSend', (request, _reply, _payload, done) => {
    answered.get(request)?.()
    done()
  })
}, { name: 'json', dependencies: ['model'] })

/** A JSON body that is too large to be parsed in one turn of the event loop. */
class LargeJson {
  readonly length: number
  #bytes: Buffer | null

  constructor (bytes: Buffer) {
    this.length = bytes.length
    this.#bytes = bytes
  }

  /** The bytes, once: they are free as soon as the caller needs them no more. */
  take (): Buffer {
    const bytes = this.#bytes ?? Buffer.alloc(0)
    this.#bytes = null
    return bytes
  }
}
