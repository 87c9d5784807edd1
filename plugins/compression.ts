import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import type { onSendAsyncHookHandler } from 'fastify'
import fp from 'fastify-plugin'
import { isNamed, varyBy } from '../wire/accept.ts'

/**
 * The pages, what they load, and the documents. The answers of the model are short, and are not worth the time. The OpenAPI
 * document depends on a header of the request, so it could not be kept.
 */
const COMPRESSED = /^\/(?:$|assets\/|confusion$|docs|swagger(?!\/(?:json|yaml)))/

/** What becomes much smaller. Pictures are compressed already. */
const TYPES = /^(?:text\/|application\/(?:javascript|json)|image\/svg)/

/** Smaller answers do not become much smaller. */
const THRESHOLD_BYTES = 1024

/** Most memory for compressed answers. What comes later is sent as it is. */
const KEPT_LIMIT_BYTES = 16 * 1024 * 1024

const gzipped = promisify(gzip)

/**
 * Compresses the pages and what they load for clients that accept gzip. Each is compressed once and kept: a stranger who asks
 * for the largest file again and again would keep the machine busy otherwise. Register it before the routes.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9110#name-accept-encoding
 */
export default fp(async app => {
  /** Texts by themselves, and files by their paths and versions. */
  const kept = new Map<string, Promise<Buffer>>()
  let keptBytes = 0

  function keep (name: string, load: () => Promise<Buffer | string>): Promise<Buffer> {
    const compressed = load().then(async content => {
      const bytes = await gzipped(content)
      keptBytes += bytes.length
      return bytes
    })
    kept.set(name, compressed)
    compressed.catch(() => kept.delete(name))
    return compressed
  }

  const compress: onSendAsyncHookHandler<unknown> = async (request, reply, payload) => {
    if (request.method !== 'GET' || reply.statusCode !== 200 || !TYPES.test(String(reply.getHeader('content-type')))) return payload
    varyBy(reply, 'Accept-Encoding')
    const isFile = payload instanceof Readable
    if (!isFile && typeof payload !== 'string') return payload
    const bytes = isFile ? Number(reply.getHeader('content-length')) : Buffer.byteLength(payload)
    if (bytes < THRESHOLD_BYTES || !isNamed('gzip', request.headers['accept-encoding'])) return payload
    // A file that changes gets another tag.
    const name = isFile ? `${request.url.split('?', 1).join('')} ${String(reply.getHeader('etag'))}` : payload
    const known = kept.get(name)
    if (!known && keptBytes > KEPT_LIMIT_BYTES) return payload
    const compressed = await (known ?? keep(name, async () => isFile ? await buffer(payload) : payload))
    if (isFile) payload.destroy()
    reply.headers({ 'content-encoding': 'gzip', 'content-length': compressed.length })
    return compressed
  }
  // A hook of the route comes after those of the service: it gets what they have made.
  app.addHook('onRoute', route => {
    if ([route.method].flat().includes('GET') && COMPRESSED.test(route.url)) route.onSend = [...[route.onSend ?? []].flat(), compress]
  })
}, { name: 'compression' })
