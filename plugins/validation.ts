import { Ajv } from 'ajv'
import addFormats from 'ajv-formats'
import fp from 'fastify-plugin'

/** Marks a schema that is documentation: its reader checks the body, with better messages than a schema's. */
const READ_BY_HAND = 'x-read-by-hand'

/**
 * Bodies are checked as they are: `"3"` is not silently 3. Queries, parameters and headers are text by nature and are
 * converted. Nothing is removed or filled in unseen, apart from defaults.
 *
 * @see https://fastify.dev/docs/latest/Reference/Validation-and-Serialization/
 */
export default fp(async app => {
  // To check the schemas themselves, which their types have done, takes longer than to compile them.
  const options = { strict: false, validateSchema: false, useDefaults: true }
  const [exact, coercing] = [new Ajv(options), new Ajv({ ...options, coerceTypes: true })]
  for (const ajv of [exact, coercing]) addFormats.default(ajv)

  app.setValidatorCompiler<object>(({ schema, httpPart, contentType = 'application/json' }) => {
    // Forms, CSV and raw bytes are put together by their parsers, and rows are checked where they are read, which can
    // name the row and the feature at fault.
    if (contentType !== 'application/json' || READ_BY_HAND in schema) return () => true
    return (httpPart === 'body' ? exact : coercing).compile(schema)
  })
}, { name: 'validation' })
