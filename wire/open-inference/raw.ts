import { RequestInvalid } from '../../lib/errors.ts'
import { lengthOf, type Signature } from '../../lib/tensor.ts'
import { datatypeOf, SIZES_BYTES } from './datatypes.ts'
import type { InferRequest } from './request.ts'

/** Bytes of the length before a BYTES element. */
const PREFIX_BYTES = 4

/**
 * Reads a raw binary request: the body holds the bytes of the model's only input, and nothing else. The length of an axis
 * that the model leaves open follows from the number of bytes. A text is sent as it is, as one element.
 *
 * @throws RequestInvalid when the model's inputs do not allow it, or when the bytes are not those of whole rows
 * @see https://github.com/triton-inference-server/server/blob/main/docs/protocol/extension_binary_data.md#raw-binary-request
 */
export function rawRequest (bytes: Uint8Array, { inputs: [input, another] }: Signature): InferRequest {
  if (!input || another) throw new RequestInvalid('A raw binary request (Inference-Header-Content-Length: 0) is for a model with one input; name the inputs in JSON.')
  const { name, dtype, shape: declared } = input
  const open = declared.filter(length => length === null).length
  if (open > 1) throw new RequestInvalid(`A raw binary request is for an input with at most one axis of any length; input '${name}' has ${open}.`)
  const size = SIZES_BYTES[dtype]
  const fixed = lengthOf(declared.map(length => length ?? 1))
  const row = fixed * (size ?? bytes.byteLength)
  const rows = open === 0 ? 1 : size === null ? 1 : bytes.byteLength / row
  if (!Number.isSafeInteger(rows) || rows * row !== bytes.byteLength || rows === 0) {
    throw new RequestInvalid(`The body has ${bytes.byteLength} bytes; ${open === 0 ? '' : 'each row of '}input '${name}' of ${datatypeOf(dtype)} [${declared.map(length => length ?? -1)}] takes ${row}.`)
  }
  const shape = declared.map(length => length ?? rows)
  return { question: { inputs: [{ name, datatype: datatypeOf(dtype), shape, bytes: size === null ? prefixed(bytes) : bytes }] }, isBinary: () => true }
}

function prefixed (bytes: Uint8Array): Uint8Array {
  const element = Buffer.alloc(PREFIX_BYTES + bytes.byteLength)
  element.writeUInt32LE(bytes.byteLength)
  element.set(bytes, PREFIX_BYTES)
  return element
}
