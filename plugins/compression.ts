import compress from '@fastify/compress'
import fp from 'fastify-plugin'

/** The pages, what they load, and the documents. The answers of the model are short, and are not worth the time. */
const COMPRESSED = /^\/(?:$|assets\/|confusion$|docs|openapi\.json$|swagger)/

/** Smaller answers do not become much smaller. */
const THRESHOLD_BYTES = 1024

/**
 * Compresses the pages and what they load for clients that accept gzip. Register it before the routes.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9110#name-accept-encoding
 */
export default fp(async app => {
  // Added before the hook of the library, which reads what this one sets.
  app.addHook('onRoute', route => {
    if (route.method !== 'POST' && COMPRESSED.test(route.url)) route.compress = { encodings: ['gzip'], threshold: THRESHOLD_BYTES }
  })
  await app.register(compress, { global: false, globalCompression: false, globalDecompression: false })
}, { name: 'compression' })
