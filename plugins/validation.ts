import { Ajv } from 'ajv'
import addFormats from 'ajv-formats'
import fp from 'fastify-plugin'

/** Marks a schema that only documents a body. The code that reads this body checks it, and its errors say more. */
const READ_BY_HAND = 'x-read-by-hand'

/**
 * Validates requests. A body is not converted: `"3"` is not 3. Query, path parameters and headers are text, so they are
 * converted to numbers where the schema says so. Defaults are filled in, and nothing is removed.
 *
 * @see https://fastify.dev/docs/latest/Reference/Validation-and-Serialization/
 */
export default fp(async app => {
  // TypeScript has checked the schemas. Checking them again would take longer than compiling them.
  // `unicode: false` compares lengths of texts in UTF-16 units. Counting the characters of a base64 picture would hold the
  // event loop for 40 milliseconds.
  const options = { strict: false, validateSchema: false, useDefaults: true, unicode: false }
  const [exact, coercing] = [new Ajv(options), new Ajv({ ...options, coerceTypes: true })]
  for (const ajv of [exact, coercing]) addFormats.default(ajv)

  app.setValidatorCompiler<object>(({ schema, httpPart, contentType = 'application/json' }) => {
    // The parsers of forms, CSV and raw bytes check what they read. The reader of rows checks them, so that its errors
    // can name the row and the feature.
    if (contentType !== 'application/json' || READ_BY_HAND in schema) return () => true
    return (httpPart === 'body' ? exact : coercing).compile(schema)
  })
}, { name: 'validation' })
