import fp from 'fastify-plugin'
import { EncodingUnsupported } from '../lib/errors.ts'

/**
 * Refuses a compressed body on the routes that read one.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9110#section-8.4
 */
export default fp(async app => {
  app.addHook('onRequest', ({ headers, routeOptions }, reply, done) => {
    const encoding = headers['content-encoding']
    if (!routeOptions.config.queues || encoding === undefined || /^identity$/i.test(encoding)) return done()
    reply.header('accept-encoding', 'identity')
    done(new EncodingUnsupported(encoding))
  })
}, { name: 'encodings' })
