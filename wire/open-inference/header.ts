import { BodyMalformed } from '../../lib/errors.ts'

/** The header that says how long the JSON before the bytes of tensors is. */
export const LENGTH_HEADER = 'inference-header-content-length'

/** The largest alignment of a number, in bytes. */
const ALIGNMENT_BYTES = 8

/**
 * Length of the JSON at the beginning of the body, or `null` if the whole body is JSON.
 *
 * @throws BodyMalformed when the header is no number
 */
export function jsonBytesOf (header: string | string[] | undefined): number | null {
  if (header === undefined) return null
  const text = String(header).trim()
  if (!/^\d{1,15}$/.test(text)) throw new BodyMalformed(`The header Inference-Header-Content-Length is '${text.slice(0, 40)}'; send the length of the JSON in bytes.`)
  return Number(text)
}

/** Where in its memory a body has to begin, so that the first tensor after its JSON is aligned. */
export function offsetOf (jsonBytes: number | null): number {
  return jsonBytes === null ? 0 : (ALIGNMENT_BYTES - jsonBytes % ALIGNMENT_BYTES) % ALIGNMENT_BYTES
}

/**
 * Divides a body into its JSON and the bytes of tensors after it, which are a view of the body. The JSON has memory of its
 * own, because a reader of JSON releases what it has read, and the body is not to lose its tensors.
 *
 * @throws BodyMalformed when the body is shorter than its header says
 */
export function divided (body: Buffer<ArrayBuffer>, jsonBytes: number): { json: Buffer<ArrayBuffer>, bytes: Buffer<ArrayBuffer> } {
  if (jsonBytes > body.length) throw new BodyMalformed(`The header Inference-Header-Content-Length is ${jsonBytes}; the body has only ${body.length} bytes.`)
  const json = Buffer.allocUnsafeSlow(jsonBytes)
  body.copy(json, 0, 0, jsonBytes)
  return { json, bytes: body.subarray(jsonBytes) }
}
