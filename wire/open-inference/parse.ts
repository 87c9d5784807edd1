import { BodyMalformed } from '../../lib/errors.ts'
import { PIECE_BYTES } from '../../lib/turn.ts'

/** What JSON.parse would change or refuse: whole numbers that may be beyond 2^53, and numbers that JSON does not have. */
const INEXACT = /\d{16}|NaN|Infinity/

/**
 * Parses a small body at once.
 *
 * @returns `undefined` when the body is large or JSON.parse would change it: it is for the slower reader of `app.readJson`
 * @throws BodyMalformed
 */
export function parseSmall (body: Buffer): unknown {
  if (body.length > PIECE_BYTES) return undefined
  const text = body.toString()
  if (INEXACT.test(text)) return undefined
  try {
    // A value of JSON is never undefined.
    return JSON.parse(text)
  } catch (error) {
    throw new BodyMalformed(`The body is not JSON: ${String(error instanceof Error ? error.message : error).slice(0, 200)}.`)
  }
}
