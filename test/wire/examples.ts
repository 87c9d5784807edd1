import type { TSchema } from '../../lib/typebox.ts'

/** The examples of a schema, as the OpenAPI document has them. */
export function examplesIn (schema: TSchema) {
  return JSON.parse(JSON.stringify(schema)).examples ?? []
}
