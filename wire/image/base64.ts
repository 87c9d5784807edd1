import { BodyMalformed } from '../../lib/errors.ts'
import { nextTurn, PIECE_BYTES } from '../../lib/turn.ts'

/** How many characters to decode in one turn of the event loop. Unlike JSON, base64 is fast: this takes a millisecond. */
const PIECE_CHARACTERS = 16 * PIECE_BYTES

/**
 * Decodes base64 or a `data:` URL in pieces, so that the event loop stays free.
 *
 * @param name name of the text in error messages
 * @throws BodyMalformed for other characters than those of base64 and white space. Node.js would skip them, and the
 * result would have too few bytes.
 * @see https://www.rfc-editor.org/rfc/rfc4648#section-4
 */
export async function fromBase64 (text: string, name: string): Promise<Buffer> {
  const start = /^data:[^,]{0,200},/.exec(text)?.[0].length ?? 0
  const bytes = Buffer.alloc(Math.ceil((text.length - start) * 3 / 4))
  let length = 0
  let rest = ''
  let isPadded = false
  for (let at = start; at < text.length; at += PIECE_CHARACTERS) {
    const isLast = at + PIECE_CHARACTERS >= text.length
    const characters = rest + text.slice(at, at + PIECE_CHARACTERS).replace(/\s/g, '')
    // Four characters hold three bytes.
    const whole = isLast ? characters.length : characters.length - characters.length % 4
    const data = characters.slice(0, whole).replace(/={1,2}$/, '')
    rest = characters.slice(whole)
    const written = bytes.write(data, length, 'base64')
    const isAfterPadding = isPadded && characters !== ''
    if (isAfterPadding || data.length % 4 === 1 || written !== Math.floor(data.length * 3 / 4)) throw new BodyMalformed(`${name} is not base64.`)
    isPadded ||= data.length < whole
    length += written
    if (!isLast) await nextTurn()
  }
  return bytes.subarray(0, length)
}
