import { CST, Lexer, parse } from 'yaml'

/** Longest text that is parsed, in characters. */
const TEXT_LENGTH = 1024 * 1024

/** Most tokens of a text: the parser takes far longer than to split it. */
const TOKENS = 100_000

/** Deepest nesting of brackets, of `-` and `?` on one line, and of indents, in levels. */
const DEPTH = 32

/** Widest indent of a line. */
const INDENT = 4 * DEPTH

/**
 * Parses YAML that a stranger wrote: plain data without aliases.
 *
 * The parser nests its calls as deep as the text, and takes a minute for a hostile megabyte. So the text is first split
 * into tokens, which takes no longer than to read it.
 *
 * @throws Error when the text is no YAML, or too long, too deep, or uses aliases
 */
export function parseYaml (text: string): unknown {
  if (text.length > TEXT_LENGTH) throw new Error(`the text is longer than ${TEXT_LENGTH} characters`)
  refuseDepth(text)
  // Without uniqueKeys: it compares each key with all others.
  return parse(text, { maxAliasCount: 0, uniqueKeys: false, logLevel: 'error', prettyErrors: false })
}

function refuseDepth (text: string): void {
  let [tokens, brackets, marks, isLineStart] = [0, 0, 0, true]
  for (const token of new Lexer().lex(text)) {
    const type = CST.tokenType(token)
    if (type === 'newline') marks = 0
    else if (type === 'flow-seq-start' || type === 'flow-map-start') brackets++
    else if (type === 'flow-seq-end' || type === 'flow-map-end') brackets--
    else if (type === 'seq-item-ind' || type === 'explicit-key-ind' || type === 'map-value-ind' || type === 'anchor' || type === 'tag') marks++
    const isWide = type === 'space' && isLineStart && token.length > INDENT
    if (++tokens > TOKENS || brackets > DEPTH || (marks > DEPTH && brackets === 0) || isWide) throw new Error(`the text is nested deeper than ${DEPTH} levels, or has more than ${TOKENS} parts`)
    isLineStart = type === 'newline'
  }
}
