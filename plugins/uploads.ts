import type { IncomingMessage } from 'node:http'
import multipart from '@fastify/multipart'
import type { FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import type { Config } from '../lib/config.ts'
import { BodyMalformed, BodyTooLarge, FormTooComplex, TooManyInputs } from '../lib/errors.ts'
import { Form } from '../wire/form.ts'
import { wireOf } from '../wire/index.ts'
import { jsonLimitBytesOf } from '../wire/json.ts'
import { receive } from '../wire/receive.ts'

/** How many files one form may have. */
const FILE_LIMIT = 64

/** How many text fields one form may have. A table model takes one for each feature. */
const FIELD_LIMIT = 256

/**
 * How many bytes of a part wait to be read. The parser never continues after a part that it passes over, such as one
 * without a name, if more of it waits: with the default of 64 KiB, such a form got no answer.
 *
 * @see https://github.com/fastify/busboy/blob/main/lib/types/multipart.js skipPart
 */
const PART_BUFFER_BYTES = 1024 * 1024

/** How much larger than UPLOAD_LIMIT the body of a form may be: for boundaries, headers and text fields. */
const FORM_OVERHEAD_BYTES = 64 * 1024

/** Reads bodies that are not JSON: a form becomes a `Form`, and the model's modality adds more content types. */
export default fp<{ config: Config }>(async (app, { config }) => {
  const uploadLimit = config.UPLOAD_LIMIT
  const wire = wireOf(app.model.card, app.model.signature)
  // The queue could never admit more inputs than this.
  const { queueLimit } = app.model.status()
  const fileLimit = Math.min(FILE_LIMIT, queueLimit)
  const fieldLimitBytes = Math.min(wire.formFieldBytes, uploadLimit)
  await app.register(multipart, {
    // The parser cuts off what is over these limits, and `collect` answers with our own error.
    throwFileSizeLimit: false,
    // A file is only named, never written. Some answers name it as the client does.
    preservePath: true,
    limits: { fileSize: uploadLimit, fields: FIELD_LIMIT + 1, fieldSize: fieldLimitBytes, headerPairs: 32 },
    fileHwm: PART_BUFFER_BYTES
  })
  app.removeContentTypeParser('text/plain')
  for (const { types, read } of wire.parsers) {
    for (const type of types) app.addContentTypeParser(type, async ({ headers }: FastifyRequest, payload: IncomingMessage) => read(await receive(payload, uploadLimit), headers['content-type'] ?? ''))
  }

  // Refuses a Content-Length over the limit before the first byte is read. The form parser would read the whole body.
  app.addHook('onRequest', (request, _reply, done) => {
    const limitBytes = request.headers['content-type']?.startsWith('application/json') ? jsonLimitBytesOf(uploadLimit) : uploadLimit + FORM_OVERHEAD_BYTES
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
    let fieldBytes = 0
    for await (const part of request.parts()) {
      if (part.type === 'field') {
        // A field without a name has none, whatever its type says.
        const name = String(part.fieldname ?? '')
        if (part.valueTruncated) throw new FormTooComplex(`field '${name}' is longer than ${fieldLimitBytes} bytes`)
        if (form.fields.has(name)) throw new BodyMalformed(`The form has two fields '${name}'.`)
        if (form.fields.size === FIELD_LIMIT) throw new FormTooComplex(`it has more than ${FIELD_LIMIT} fields`)
        const value = String(part.value)
        fieldBytes += Buffer.byteLength(value)
        if (total + fieldBytes > uploadLimit + FORM_OVERHEAD_BYTES) throw new BodyTooLarge(uploadLimit)
        form.fields.set(name, value)
        continue
      }
      if (form.files.length === fileLimit) throw new TooManyInputs(fileLimit)
      const bytes = await part.toBuffer()
      total += bytes.length
      if (part.file.truncated || total > uploadLimit) throw new BodyTooLarge(uploadLimit)
      // For a file field without a file, browsers send an empty file without a name.
      // A part may have neither name, whatever the types say.
      const field = String(part.fieldname ?? '')
      if (bytes.length > 0 || part.filename) form.files.push({ field, filename: part.filename || field, bytes })
    }
    return form
  }
}, { name: 'uploads', dependencies: ['model'] })

/** Receives the rest of a request and drops it: most clients read the answer only after they have sent everything. */
async function throwAway (request: IncomingMessage): Promise<void> {
  request.unpipe()
  if (request.readableEnded || request.destroyed) return
  await new Promise<void>(resolve => { request.once('end', resolve).once('close', resolve).resume() })
}
