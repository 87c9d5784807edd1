import { TokenParser, TokenType, Tokenizer } from '@streamparser/json'
import { BodyMalformed, BodyTooComplex } from '../lib/errors.ts'
import { nextTurn, PIECE_BYTES } from '../lib/turn.ts'
import { NotFiniteQuoter } from './not-finite.ts'

/** Limits of a JSON body. Its bytes have a limit of their own. */
export interface JsonLimits {
  /** How many values it may have, of any type and at any depth. The keys of objects count, too. */
  values: number
  /** How many lists and objects may be nested. */
  depth: number
  /** Whether whole numbers beyond 2^53 become a bigint, and the tokens NaN, Infinity and -Infinity texts. Default: no. */
  isExact?: boolean
}

/** How much longer than a picture in base64 a JSON body may be: for keys and white space. */
const JSON_OVERHEAD_BYTES = 1024

/** How much of a parser's message goes into an error. */
const MESSAGE_LIMIT = 200

/** How many characters a number may have. */
const NUMBER_LIMIT = 1000

/** How many keys an object may have. A larger one would hold the event loop each time that it grows. */
const KEYS_LIMIT = 65_536

/** A whole number that may be too large for a number of JavaScript. */
const LONG_WHOLE = /^-?\d{16,}$/

const SCALARS: readonly TokenType[] = [TokenType.STRING, TokenType.NUMBER, TokenType.TRUE, TokenType.FALSE, TokenType.NULL]
const BEGINNINGS: readonly TokenType[] = [TokenType.LEFT_BRACE, TokenType.LEFT_BRACKET]
const ENDS: readonly TokenType[] = [TokenType.RIGHT_BRACE, TokenType.RIGHT_BRACKET]

/** Largest size of a JSON body in bytes. Base64 takes a third more bytes than its picture. */
export function jsonLimitBytesOf (uploadLimitBytes: number): number {
  return Math.ceil(uploadLimitBytes * 4 / 3) + JSON_OVERHEAD_BYTES
}

/**
 * Parses JSON in pieces, so that the event loop stays free: `JSON.parse` would hold it for 10 milliseconds per megabyte.
 * The limits bound the memory of the result. Without them, `[[],[],…]` would take 13 times its bytes.
 *
 * @throws BodyMalformed when the body is not JSON
 * @throws BodyTooComplex when it has too many values, or too many nested lists and objects
 * @see https://www.rfc-editor.org/rfc/rfc8259#section-9 for such limits
 */
export async function readJson (body: Uint8Array, limits: JsonLimits): Promise<unknown> {
  let number = ''
  const tokenizer = new class extends Tokenizer {
    override parseNumber (text: string): number {
      if (text.length > NUMBER_LIMIT) throw new Error(`a number has more than ${NUMBER_LIMIT} characters`)
      number = text
      return super.parseNumber(text)
    }
  }({ stringBufferSize: PIECE_BYTES, numberBufferSize: NUMBER_LIMIT })
  const parser = new TokenParser({ paths: ['$'] })
  let result: { value: unknown } | undefined
  let last: TokenType | undefined
  let values = 0
  let depth = 0
  /** How many keys the object at each depth has so far. */
  const keys: number[] = []
  parser.onValue = ({ value }) => { result = { value } }
  tokenizer.onToken = token => {
    // The parser's own error would quote the whole string.
    if (token.token === TokenType.STRING && last !== undefined && (SCALARS.includes(last) || ENDS.includes(last))) throw new Error('a comma or a colon is missing before a string')
    last = token.token
    if (BEGINNINGS.includes(token.token)) keys[++depth] = 0
    else if (ENDS.includes(token.token)) depth--
    else if (token.token === TokenType.COLON) keys[depth] = (keys[depth] ?? 0) + 1
    if (BEGINNINGS.includes(token.token) || SCALARS.includes(token.token)) values++
    if (values > limits.values) throw new BodyTooComplex(`the JSON has more than ${limits.values} values`)
    if ((keys[depth] ?? 0) > KEYS_LIMIT) throw new BodyTooComplex(`an object of the JSON has more than ${KEYS_LIMIT} keys`)
    if (depth > limits.depth) throw new BodyTooComplex(`the JSON has more than ${limits.depth} lists or objects inside one another`)
    if (limits.isExact && token.token === TokenType.NUMBER && LONG_WHOLE.test(number) && !Number.isSafeInteger(Number(number))) {
      // The parser takes any value along, but its types know no bigint.
      Reflect.apply(parser.write, parser, [{ ...token, value: BigInt(number) }])
    } else parser.write(token)
  }
  const quoter = limits.isExact ? new NotFiniteQuoter() : null
  try {
    for (let at = 0; at < body.length; at += PIECE_BYTES) {
      await nextTurn()
      const piece = body.subarray(at, at + PIECE_BYTES)
      tokenizer.write(quoter?.quote(piece, at + PIECE_BYTES >= body.length) ?? piece)
    }
    tokenizer.end()
    if (!result) throw new Error('it ends before its value does')
  } catch (error) {
    if (error instanceof BodyTooComplex) throw error
    throw new BodyMalformed(`The body is not JSON: ${String(error instanceof Error ? error.message : error).slice(0, MESSAGE_LIMIT)}.`)
  }
  return result.value
}
