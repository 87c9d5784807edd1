/** What may begin or end a text, and the tokens. A backslash takes the character after it along. */
const PARTS = /\\[^]?|"|-?Infinity|NaN/g

/** The end of a piece that may be the beginning of a token. */
const BEGINNING = /[-A-Za-z]{1,9}$/

/**
 * Makes texts of the bare tokens NaN, Infinity and -Infinity, which other implementations write into JSON, though JSON has
 * no such numbers: `[NaN]` becomes `["NaN"]`. It takes a body piece by piece.
 *
 * @see https://rapidjson.org/md_doc_features.html kParseNanAndInfFlag
 */
export class NotFiniteQuoter {
  #isInText = false
  #rest = ''

  /** The next piece, without an end that may continue in the piece after it. */
  quote (piece: Uint8Array, isLast: boolean): Buffer {
    // Each byte is a character, so that nothing is lost, and a piece may end within a character of UTF-8.
    const text = this.#rest + Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength).toString('latin1')
    const end = isLast ? text.length : text.length - (BEGINNING.exec(text)?.[0].length ?? 0)
    this.#rest = text.slice(end)
    const quoted = text.slice(0, end).replace(PARTS, part => {
      if (part === '\\' && !isLast) {
        this.#rest = part + this.#rest
        return ''
      }
      if (part === '"') this.#isInText = !this.#isInText
      return this.#isInText || part === '"' || part.startsWith('\\') ? part : `"${part}"`
    })
    return Buffer.from(quoted, 'latin1')
  }
}
