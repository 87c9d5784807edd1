import type { IncomingMessage } from 'node:http'
import multipart from '@fastify/multipart'
import type { FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import type { Config } from '../lib/config.ts'
import { Budget } from '../lib/engine/budget.ts'
import { BodyMalformed, BodyTooLarge, FormTooComplex, TooManyInputs } from '../lib/errors.ts'
import { release as freeMemory } from '../lib/release.ts'
import { PIECE_BYTES } from '../lib/turn.ts'
import { Form } from '../wire/form.ts'
import { wireOf } from '../wire/index.ts'
import { readJson } from '../wire/json.ts'
import { receive } from '../wire/receive.ts'

/** How many files one form may have. */
const FILE_LIMIT = 64

/** How many text fields one form may have. A table model takes one for each feature. */
const FIELD_LIMIT = 256

/** How many bytes one text field may have. */
const FIELD_LIMIT_BYTES = 1024

/**
 * How many bytes of a part wait to be read. The parser never continues after a part that it passes over, such as one
 * without a name, if more of it waits: with the default of 64 KiB, such a form got no answer.
 *
 * @see https://github.com/fastify/busboy/blob/main/lib/types/multipart.js skipPart
 */
const PART_BUFFER_BYTES = 1024 * 1024

/** How much larger than UPLOAD_LIMIT the body of a form may be: for boundaries, headers and text fields. */
const FORM_OVERHEAD_BYTES = 64 * 1024

/** How much longer than a picture in base64 a JSON body may be: for keys and white space. */
const JSON_OVERHEAD_BYTES = 1024

/** How many times its bytes the values of a JSON body may take: a picture in base64 is a text, then bytes. */
const PARSED_SHARE = 4

/** Memory for the values of all large JSON bodies together. Bodies that need more wait. */
const PARSED_LIMIT_BYTES = 128 * 1024 * 1024

/** How many lists and objects of a JSON body may be inside one another: `{"instances":[[…]]}` takes three. */
const JSON_DEPTH_LIMIT = 32

/** Reads bodies: JSON, and forms, which become a `Form`. The model's modality adds more content types. */
export default fp<{ config: Config }>(async (app, { config }) => {
  const uploadLimit = config.UPLOAD_LIMIT
  // Base64 takes a third more bytes than the picture.
  const jsonLimitBytes = Math.ceil(uploadLimit * 4 / 3) + JSON_OVERHEAD_BYTES
  const wire = wireOf(app.model.card)
  // The queue could never admit more inputs than this.
  const { queueLimit } = app.model.status()
  const fileLimit = Math.min(FILE_LIMIT, queueLimit)
  await app.register(multipart, {
    // The parser cuts off what is over these limits, and `collect` answers with our own error.
    throwFileSizeLimit: false,
    limits: { fileSize: uploadLimit, fields: FIELD_LIMIT + 1, fieldSize: FIELD_LIMIT_BYTES, headerPairs: 32 },
    fileHwm: PART_BUFFER_BYTES
  })
  app.removeContentTypeParser(['text/plain', 'application/json'])
  for (const { types, read } of wire.parsers) {
    for (const type of types) app.addContentTypeParser(type, async (_request: FastifyRequest, payload: IncomingMessage) => read(await receive(payload, uploadLimit)))
  }
  const parseSmall = app.getDefaultJsonParser('error', 'error')
  app.addContentTypeParser('application/json', (request, payload, done) => {
    receive(payload, jsonLimitBytes).then(body => {
      if (body.length <= PIECE_BYTES) parseSmall(request, body.toString(), done)
      else done(null, new LargeJson(body))
    }, done)
  })
  const jsonLimits = { values: (queueLimit + 1) * wire.jsonValuesPerInput, depth: JSON_DEPTH_LIMIT }
  const parsed = new Budget(PARSED_LIMIT_BYTES)
  /** For each request with large JSON: call it when its values are no longer needed. */
  const release = new WeakMap<FastifyRequest, () => void>()
  app.addHook('preValidation', (request, reply, done) => {
    const { body } = request
    if (!(body instanceof LargeJson)) return done()
    parsed.spend(body.length * PARSED_SHARE, async () => {
      const isAnswered = new Promise<void>(resolve => {
        release.set(request, resolve)
        reply.raw.once('close', resolve)
      })
      try {
        const bytes = body.take()
        request.body = await readJson(bytes, jsonLimits)
        freeMemory(bytes)
        done()
      } catch (error) {
        done(error instanceof Error ? error : new Error(String(error)))
      }
      await isAnswered
    })
  })

  // Not when the answer is received: a client may take long to read it.
  app.addHook('onSend', (request, _reply, _payload, done) => {
    release.get(request)?.()
    done()
  })

  // Refuses a Content-Length over the limit before the first byte is read. The form parser would read the whole body.
  app.addHook('onRequest', (request, _reply, done) => {
    const limitBytes = request.headers['content-type']?.startsWith('application/json') ? jsonLimitBytes : uploadLimit + FORM_OVERHEAD_BYTES
    const tooLarge = Number(request.headers['content-length'] ?? 0) > limitBytes
    done(tooLarge ? new BodyTooLarge(uploadLimit) : undefined)
  })

  app.addHook('preValidation', (request, _reply, done) => {
    if (!request.isMultipart()) return done()
    collect(request).then(form => {
      request.body = form
      done()
    }, async error => {
      await throwAway(request.raw)
      done(error)
    })
  })

  async function collect (request: FastifyRequest): Promise<Form> {
    const form = new Form()
    let total = 0
    for await (const part of request.parts()) {
      if (part.type === 'field') {
        if (part.valueTruncated) throw new FormTooComplex(`field '${part.fieldname}' is longer than ${FIELD_LIMIT_BYTES} bytes`)
        if (form.fields.has(part.fieldname)) throw new BodyMalformed(`The form has two fields '${part.fieldname}'.`)
        if (form.fields.size === FIELD_LIMIT) throw new FormTooComplex(`it has more than ${FIELD_LIMIT} fields`)
        form.fields.set(part.fieldname, String(part.value))
        continue
      }
      if (form.files.length === fileLimit) throw new TooManyInputs(fileLimit)
      const bytes = await part.toBuffer()
      total += bytes.length
      if (part.file.truncated || total > uploadLimit) throw new BodyTooLarge(uploadLimit)
      // For a file field without a file, browsers send an empty file without a name.
      if (bytes.length > 0 || part.filename) form.files.push({ filename: part.filename || part.fieldname, bytes })
    }
    return form
  }
}, { name: 'uploads', dependencies: ['model'] })

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

/** Receives the rest of a request and drops it: most clients read the answer only after they have sent everything. */
async function throwAway (request: IncomingMessage): Promise<void> {
  request.unpipe()
  if (request.readableEnded || request.destroyed) return
  await new Promise<void>(resolve => { request.once('end', resolve).once('close', resolve).resume() })
}
