import { Ajv } from 'ajv'
import { ModelInvalid } from '../../errors.ts'
import type { Static, TSchema } from '../../typebox.ts'
import type { ModelFiles } from '../files.ts'
import { printable } from '../onnx/tensor.ts'

// TypeScript has checked the schemas.
const ajv = new Ajv({ strict: false, validateSchema: false, code: { optimize: false } })

/**
 * Reads a JSON object beside the model, such as `config.json`. Fields that are null count as missing, as in the libraries that
 * write such files.
 *
 * @returns null when there is no such file, or when it holds another kind of value than an object
 * @throws ModelInvalid when the file is not JSON
 */
export async function readConfig (files: ModelFiles, name: string): Promise<Record<string, unknown> | null> {
  const bytes = await files.read(name)
  return bytes === null ? null : objectOf(parse(bytes, files, name))
}

/** The value as an object without fields that are null; null for any other kind of value. */
export function objectOf (value: unknown): Record<string, unknown> | null {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null
  return Object.fromEntries(Object.entries(value).filter(([, field]) => field !== null))
}

/**
 * Checks a part of a file against a schema.
 *
 * @param name of the file, for the error
 * @throws ModelInvalid with the wrong field
 */
export function checked<Schema extends TSchema> (schema: Schema, value: unknown, files: ModelFiles, name: string): Static<Schema> {
  const isValid = ajv.compile<Static<Schema>>(schema)
  if (isValid(value)) return value
  const { instancePath = '', message = 'has another form than usual' } = isValid.errors?.[0] ?? {}
  throw new ModelInvalid(placeOf(files, name), `${instancePath} ${message}; correct it, or save it anew with the library that wrote it`.trim())
}

/** Where a file lies, for errors: `config.json beside /models/cat/model.onnx`. */
export function placeOf (files: ModelFiles, name: string): string {
  return `${name} beside ${files.model}`
}

function parse (bytes: Buffer, files: ModelFiles, name: string): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'))
  } catch (error) {
    // V8's messages quote the text.
    const reason = printable(error instanceof Error ? error.message : String(error), 100)
    throw new ModelInvalid(placeOf(files, name), `is not JSON (${reason}); correct it, or download it again`)
  }
}
