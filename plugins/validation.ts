import { Ajv, type ValidateFunction } from 'ajv'
import addFormats from 'ajv-formats'
import fp from 'fastify-plugin'
import type { FastifyValidationResult } from 'fastify/types/schema.js'

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
  const options = { strict: false, validateSchema: false, useDefaults: true }
  const [exact, coercing] = [new Ajv(options), new Ajv({ ...options, coerceTypes: true })]
  for (const ajv of [exact, coercing]) addFormats.default(ajv)

  app.setValidatorCompiler<object>(({ schema, httpPart, contentType = 'application/json' }) => {
    // The parsers of forms, CSV and raw bytes check what they read. The reader of rows checks them, so that its errors
    // can name the row and the feature. The reader of base64 pictures checks them, because validating such a long text
    // would hold the event loop.
    if (contentType !== 'application/json' || READ_BY_HAND in schema) return () => true
    // Compiled at the first request, because all schemas together would take a part of the start that is felt.
    let validate: ValidateFunction | undefined
    const validator: FastifyValidationResult = value => {
      validate ??= (httpPart === 'body' ? exact : coercing).compile(schema)
      const isValid = validate(value)
      validator.errors = validate.errors ?? null
      return isValid
    }
    return validator
  })
}, { name: 'validation' })
