import { Ajv } from 'ajv'
import addFormats from 'ajv-formats'
import fp from 'fastify-plugin'

/**
 * Bodies are checked as they are: `"3"` is not silently 3. Queries, parameters and headers are text by nature and are
 * converted. Nothing is removed or filled in unseen, apart from defaults.
 *
 * @see https://fastify.dev/docs/latest/Reference/Validation-and-Serialization/
 */
export default fp(async app => {
  const options = { strict: false, useDefaults: true }
  const [exact, coercing] = [new Ajv(options), new Ajv({ ...options, coerceTypes: true })]
  for (const ajv of [exact, coercing]) addFormats.default(ajv)

  app.setValidatorCompiler(({ schema, httpPart, contentType = 'application/json' }) => {
    // Forms and raw bytes are put together by their parsers; there is nothing to check before a picture is decoded.
    if (contentType !== 'application/json') return () => true
    return (httpPart === 'body' ? exact : coercing).compile(schema)
  })
}, { name: 'validation' })
