import type { IncomingMessage } from 'node:http'
import multipart from '@fastify/multipart'
import type { FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import type { Config } from '../lib/config.ts'
import { BodyMalformed, BodyTooLarge, FormTooComplex, TooManyInputs } from '../lib/errors.ts'
import { Form } from '../wire/form.ts'
import { wireOf } from '../wire/index.ts'

/** Files of one form, at most. */
const FILE_LIMIT = 64

/** Text fields of one form, at most; a model of rows takes one for each feature. */
const FIELD_LIMIT = 256

/** Bytes of one text field, at most. */
const FIELD_LIMIT_BYTES = 1024

/** The ways in beside JSON: forms, which become a `Form`, and what the model's modality reads. */
export default fp<{ config: Config }>(async (app, { config }) => {
  const uploadLimit = config.UPLOAD_LIMIT
  // More than the queue holds could never be admitted.
  const fileLimit = Math.min(FILE_LIMIT, app.model.status().queueLimit)
  await app.register(multipart, {
    // What goes past these is cut off by the parser and refused by `collect`, in our words.
    throwFileSizeLimit: false,
    limits: { fileSize: uploadLimit, fields: FIELD_LIMIT + 1, fieldSize: FIELD_LIMIT_BYTES, headerPairs: 32 }
  })
  app.removeContentTypeParser('text/plain')
  for (const { types, parseAs, read } of wireOf(app.model.card).parsers) {
    for (const type of types) app.addContentTypeParser(type, { parseAs, bodyLimit: uploadLimit }, (_request, body, done) => done(null, read(body)))
  }

  // A body that says it is too large is refused before its first byte is read; multipart's parser would read it all.
  app.addHook('onRequest', (request, _reply, done) => {
    const overhead = request.headers['content-type']?.startsWith('application/json') ? uploadLimit : 64 * 1024
    const tooLarge = Number(request.headers['content-length'] ?? 0) > uploadLimit + overhead
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
      // Browsers send an empty, nameless file for a file field that was left alone.
      if (bytes.length > 0 || part.filename) form.files.push({ filename: part.filename || part.fieldname, bytes })
    }
    return form
  }
}, { name: 'uploads', dependencies: ['model'] })

/** Receives what is left of a request: most clients listen only when they have sent everything. */
async function throwAway (request: IncomingMessage): Promise<void> {
  request.unpipe()
  if (request.readableEnded || request.destroyed) return
  await new Promise<void>(resolve => { request.once('end', resolve).once('close', resolve).resume() })
}
