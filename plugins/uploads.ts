import multipart from '@fastify/multipart'
import type { FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import type { Config } from '../lib/config.ts'
import { BodyTooLarge, FileMissing, TooManyInputs } from '../lib/errors.ts'
import { Upload } from '../lib/input/body.ts'

/** Files of one form, at most. */
const FILE_LIMIT = 64

/**
 * The ways in: forms (their files become the body, as a list of `Upload`), and raw bytes (the body is the Buffer). The
 * declared type of a picture is not believed; its bytes are sniffed later.
 */
export default fp<{ config: Config }>(async (app, { config }) => {
  const uploadLimit = config.UPLOAD_LIMIT
  // More than the queue holds could never be admitted.
  const fileLimit = Math.min(FILE_LIMIT, config.QUEUE_LIMIT)
  await app.register(multipart, {
    // One file more than allowed is let in, to be refused in our words and not the form parser's.
    limits: { fileSize: uploadLimit, files: fileLimit + 1, fields: 32, fieldSize: 64 * 1024, fieldNameSize: 100, parts: fileLimit + 33, headerPairs: 32 }
  })
  app.removeContentTypeParser('text/plain')
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

  async function collect (request: FastifyRequest): Promise<Upload[]> {
    const uploads: Upload[] = []
    let total = 0
    for await (const part of request.files()) {
      if (uploads.length === fileLimit) throw new TooManyInputs(fileLimit)
      const bytes = await part.toBuffer()
      total += bytes.length
      if (total > uploadLimit) throw new BodyTooLarge(uploadLimit)
      uploads.push(new Upload(part.filename, bytes))
    }
    if (uploads.length === 0) throw new FileMissing()
    return uploads
  }
}, { name: 'uploads' })
