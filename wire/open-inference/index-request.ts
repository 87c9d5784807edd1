import { BodyMalformed, RequestInvalid } from '../../lib/errors.ts'

/**
 * Reads the request for the index of models. Its body may be empty.
 *
 * @param body the bytes, of a few kilobytes at most
 * @throws BodyMalformed, RequestInvalid
 * @see https://github.com/triton-inference-server/server/blob/main/docs/protocol/extension_model_repository.md#index
 */
export function readIndexRequest (body: unknown): { onlyReady: boolean } {
  if (!(body instanceof Uint8Array) || body.byteLength === 0) return { onlyReady: false }
  const json = parsed(Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString())
  if (typeof json !== 'object' || json === null || Array.isArray(json)) throw new RequestInvalid("The body must be empty, or a JSON object with 'ready'.")
  const ready = 'ready' in json ? json.ready : null
  if (ready !== null && typeof ready !== 'boolean') throw new RequestInvalid("'ready' must be true or false.")
  return { onlyReady: ready ?? false }
}

function parsed (text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new BodyMalformed(`The body is not JSON: ${String(error instanceof Error ? error.message : error).slice(0, 200)}.`)
  }
}
