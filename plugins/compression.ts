import { Readable } from 'node:stream'
import { createGzip } from 'node:zlib'
import fp from 'fastify-plugin'
import { varyBy } from '../wire/accept.ts'

/** What becomes a quarter of its size: the texts of pages. Pictures are compressed already, and programs ask for none of this. */
const TEXTS = /^(?:text\/(?:html|css|javascript)|application\/javascript|image\/svg\+xml)\b/

/** Smaller answers gain nothing. */
const LEAST_BYTES = 1024

/** A client that takes gzip: it names it, and not with a quality of 0. */
const GZIP = /(?:^|,)\s*gzip\s*(?:;\s*q=(?!0(?:\.0*)?\s*(?:,|$))[^,]*)?(?:,|$)/i

/**
 * Compresses pages, styles and scripts for clients that take gzip, so that the page opens fast on a phone. It works on a thread
 * of its own and in pieces. No page holds a secret that its size could tell.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9110#section-8.4.1.3
 */
export default fp(async app => {
  app.addHook('onSend', (request, reply, payload: unknown, done) => {
    if (request.method !== 'GET' || reply.statusCode === 206 || !TEXTS.test(String(reply.getHeader('content-type') ?? '')) || reply.hasHeader('content-encoding')) return done(null, payload)
    varyBy(reply, 'Accept-Encoding')
    const isText = typeof payload === 'string' || Buffer.isBuffer(payload)
    if (!GZIP.test(String(request.headers['accept-encoding'] ?? '')) || !(isText ? payload.length >= LEAST_BYTES : payload instanceof Readable)) return done(null, payload)
    const source = isText ? Readable.from([payload]) : payload
    if (!(source instanceof Readable)) return done(null, payload)
    const packed = createGzip()
    // A file that cannot be read ends the answer, and an answer that nobody waits for closes the file.
    source.on('error', error => packed.destroy(error))
    packed.on('close', () => source.destroy())
    reply.removeHeader('content-length')
    reply.header('content-encoding', 'gzip')
    done(null, source.pipe(packed))
  })
}, { name: 'compression' })
