import fp from 'fastify-plugin'
import { EncodingUnsupported } from '../lib/errors.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The content encodings of a body that the route itself decodes, such as `gzip`. Default: none. */
    encodings?: readonly string[]
  }
}

/**
 * Refuses a compressed body on the routes that read one, but cannot decode it.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9110#section-8.4
 */
export default fp(async app => {
  app.addHook('onRequest', (request, reply, done) => {
    const encoding = request.headers['content-encoding']
    if (encoding === undefined) return done()
    const { queues, encodings = [] } = request.routeOptions.config
    if (!queues || ['identity', ...encodings].includes(encoding.toLowerCase())) return done()
    reply.header('accept-encoding', ['identity', ...encodings].join(', '))
    done(new EncodingUnsupported(encoding))
  })
}, { name: 'encodings' })
