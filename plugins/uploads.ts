import multipart from '@fastify/multipart'
import type { FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import type { Config } from '../lib/config.ts'
import { BodyTooLarge, TooManyInputs } from '../lib/errors.ts'
import { Form } from '../lib/input/body.ts'

/** Files of one form, at most. */
const FILE_LIMIT = 64

/** Text fields of one form, at most; a model of rows takes one for each feature. */
const FIELD_LIMIT = 256

/**
 * The ways in beside JSON: forms (the body is a `Form`), CSV (the body is its text) and raw bytes (the body is the
 * Buffer). The declared type of a picture is not believed; its bytes are sniffed later.
 */
export default fp<{ config: Config }>(async (app, { config }) => {
  const uploadLimit = config.UPLOAD_LIMIT
  // More than the queue holds could never be admitted.
  const fileLimit = Math.min(FILE_LIMIT, app.model.scheduler.limit)
  await app.register(multipart, {
    // One file more than allowed is let in, to be refused in our words and not the form parser's.
    limits: { fileSize: uploadLimit, files: fileLimit + 1, fields: FIELD_LIMIT, fieldSize: 64 * 1024, fieldNameSize: 100, parts: fileLimit + 1 + FIELD_LIMIT, headerPairs: 32 }
  })
  app.removeContentTypeParser('text/plain')
  app.addContentTypeParser('text/csv', { parseAs: 'string', bodyLimit: uploadLimit }, (_request, body, done) => done(null, body))
  for (const type of [/^image\//, 'application/octet-stream']) {
    app.addContentTypeParser(type, { parseAs: 'buffer', bodyLimit: uploadLimit }, (_request, body, done) => done(null, body))
  }

  // A body that says it is too large is refused before its first byte is read; multipart's parser would read it all.
  app.addHook('onRequest', async request => {
    const overhead = request.headers['content-type']?.startsWith('application/json') ? uploadLimit : 64 * 1024
    if (Number(request.headers['content-length'] ?? 0) > uploadLimit + overhead) throw new BodyTooLarge(uploadLimit)
  })

  app.addHook('preHandler', async request => {
    if (request.isMultipart()) request.body = await collect(request)
  })

  async function collect (request: FastifyRequest): Promise<Form> {
    const form = new Form()
    let total = 0
    for await (const part of request.parts()) {
      if (part.type === 'field') {
        form.fields.set(part.fieldname, String(part.value))
        continue
      }
      if (form.files.length === fileLimit) throw new TooManyInputs(fileLimit)
      const bytes = await part.toBuffer()
      total += bytes.length
      if (total > uploadLimit) throw new BodyTooLarge(uploadLimit)
      form.files.push({ filename: part.filename, bytes })
    }
    return form
  }
}, { name: 'uploads', dependencies: ['model'] })
