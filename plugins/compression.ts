import { buffer } from 'node:stream/consumers'
import { Readable } from 'node:stream'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import fp from 'fastify-plugin'

/** The texts that browsers load. An answer to a program stays as it is: it is small, and its time counts. */
const TEXTS = /^(text\/(html|css|javascript)|application\/javascript|image\/svg\+xml)\b/

/** Larger files are sent as they are: to compress one takes as long as a prediction. */
const LARGEST_BYTES = 256 * 1024

/** Smaller ones would not become smaller. */
const SMALLEST_BYTES = 512

const compress = promisify(gzip)

/**
 * Compresses the pages, and the scripts and styles that they load, for clients that take gzip. A page then needs about a
 * third of the bytes.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9110#section-12.5.3
 */
export default fp(async app => {
  app.addHook<unknown>('onSend', async (request, reply, payload) => {
    if (request.method !== 'GET' || reply.statusCode !== 200 || reply.hasHeader('content-encoding')) return payload
    if (!TEXTS.test(String(reply.getHeader('content-type')))) return payload
    reply.header('vary', [reply.getHeader('vary'), 'Accept-Encoding'].flat().filter(Boolean).join(', '))
    if (!takesGzip(request.headers['accept-encoding'])) return payload
    const isText = typeof payload === 'string' || Buffer.isBuffer(payload)
    // A file comes as a stream, and says how long it is.
    const bytes = isText ? Buffer.byteLength(payload) : Number(reply.getHeader('content-length'))
    if (!(bytes >= SMALLEST_BYTES && bytes <= LARGEST_BYTES) || !(isText || payload instanceof Readable)) return payload
    const compressed = await compress(isText ? payload : await buffer(payload))
    reply.removeHeader('content-length').header('content-encoding', 'gzip')
    return compressed
  })
}, { name: 'compression' })

/** Whether `Accept-Encoding` names gzip, and not with the quality 0. */
function takesGzip (accepted: string | string[] = ''): boolean {
  return String(accepted).split(',').some(part => {
    const [name = '', quality = 'q=1'] = part.split(';').map(text => text.trim().toLowerCase())
    return name === 'gzip' && Number(quality.replace('q=', '')) > 0
  })
}
