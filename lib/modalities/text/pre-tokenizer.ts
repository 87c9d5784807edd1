import { Type, type Static } from '../../typebox.ts'
import { PatternSchema, patternOf } from './library.ts'

const Behavior = Type.Enum(['Removed', 'Isolated', 'MergedWithPrevious', 'MergedWithNext', 'Contiguous'])
const Plain = Type.Object({ type: Type.Enum(['BertPreTokenizer', 'Whitespace', 'WhitespaceSplit']) })
const ByteLevel = Type.Object({ type: Type.Literal('ByteLevel'), add_prefix_space: Type.Optional(Type.Boolean()), use_regex: Type.Optional(Type.Boolean()) })
const Metaspace = Type.Object({
  type: Type.Literal('Metaspace'),
  replacement: Type.String({ minLength: 1 }),
  prepend_scheme: Type.Optional(Type.Enum(['always', 'first', 'never'])),
  add_prefix_space: Type.Optional(Type.Boolean()),
  split: Type.Optional(Type.Boolean())
})
const Split = Type.Object({ type: Type.Literal('Split'), pattern: PatternSchema, behavior: Behavior, invert: Type.Optional(Type.Boolean()) })
const Punctuation = Type.Object({ type: Type.Literal('Punctuation'), behavior: Type.Optional(Behavior) })
const Digits = Type.Object({ type: Type.Literal('Digits'), individual_digits: Type.Optional(Type.Boolean()) })
const Delimiter = Type.Object({ type: Type.Literal('CharDelimiterSplit'), delimiter: Type.String({ minLength: 1 }) })
const One = Type.Union([Plain, ByteLevel, Metaspace, Split, Punctuation, Digits, Delimiter])

/** Schema of `pre_tokenizer` in tokenizer.json. */
export const PreTokenizerSchema = Type.Union([Type.Null(), One, Type.Object({ type: Type.Literal('Sequence'), pretokenizers: Type.Array(One) })])

/** `pre_tokenizer` of a tokenizer.json. */
export type PreTokenizerConfig = Static<typeof PreTokenizerSchema>

/** Splits a text into pieces, which become tokens by themselves. `isFirst`: the text begins at the first character of the input. */
export type PreTokenizer = (text: string, isFirst: boolean) => string[]

const PUNCTUATION = '\\p{P}\\x21-\\x2f\\x3a-\\x40\\x5b-\\x60\\x7b-\\x7e'
const WORD = '\\p{Alphabetic}\\p{M}\\p{Nd}\\p{Pc}\\p{Join_Control}'

/** BERT's words and single punctuation marks. */
const BERT = new RegExp(`[^\\p{White_Space}${PUNCTUATION}]+|[${PUNCTUATION}]`, 'gu')
const WORDS = new RegExp(`[${WORD}]+|[^${WORD}\\p{White_Space}]+`, 'gu')
const NOT_BLANK = /\P{White_Space}+/gu

/** GPT-2's words. https://github.com/openai/gpt-2/blob/master/src/encoder.py */
const BYTE_LEVEL = /'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\p{White_Space}\p{L}\p{N}]+|\p{White_Space}+(?!\P{White_Space})|\p{White_Space}+/gu

/** The character that stands for each byte: itself where it can be printed, and one from U+0100 on for each other. */
const BYTES = bytesAsCharacters()

/**
 * The function that a pre-tokenizer describes. Its results are those of the library `tokenizers`; JavaScript's own classes of
 * characters are others.
 *
 * @throws Error when JavaScript has no regular expression equal to one of it
 * @see https://huggingface.co/docs/tokenizers/api/pre-tokenizers
 */
export function preTokenizerOf (config: PreTokenizerConfig): PreTokenizer {
  if (config === null) return text => [text]
  if (config.type !== 'Sequence') return ofOne(config)
  const steps = config.pretokenizers.map(ofOne)
  return (text, isFirst) => steps.reduce((pieces, step) => pieces.flatMap((piece, at) => step(piece, isFirst && at === 0)), [text])
}

function ofOne (config: Static<typeof One>): PreTokenizer {
  switch (config.type) {
    case 'BertPreTokenizer': return text => text.match(BERT) ?? []
    case 'Whitespace': return text => text.match(WORDS) ?? []
    case 'WhitespaceSplit': return text => text.match(NOT_BLANK) ?? []
    case 'ByteLevel': return byteLevel(config)
    case 'Metaspace': return metaspace(config)
    case 'Split': {
      const pattern = patternOf(config.pattern)
      return text => split(text, pattern, config.behavior, config.invert)
    }
    case 'Punctuation': return text => split(text, new RegExp(`[${PUNCTUATION}]`, 'gu'), config.behavior ?? 'Isolated')
    case 'Digits': return text => split(text, /\p{N}/gu, config.individual_digits ? 'Isolated' : 'Contiguous')
    case 'CharDelimiterSplit': return text => text.split(config.delimiter).filter(piece => piece !== '')
  }
}

/** Bytes as characters, so that every text is made of 256 characters. */
function byteLevel ({ add_prefix_space: addsBlank = true, use_regex: splits = true }: Static<typeof ByteLevel>): PreTokenizer {
  const asBytes = (piece: string) => {
    let all = ''
    for (const byte of Buffer.from(piece)) all += BYTES[byte]
    return all
  }
  return text => {
    const whole = addsBlank && !text.startsWith(' ') ? ` ${text}` : text
    return (splits ? whole.match(BYTE_LEVEL) ?? [] : [whole]).map(asBytes)
  }
}

/** SentencePiece's words, which begin with the mark of a blank. */
function metaspace ({ replacement: mark, prepend_scheme: scheme, add_prefix_space: addsBlank = true, split: splits = true }: Static<typeof Metaspace>): PreTokenizer {
  const prepends = scheme ?? (addsBlank ? 'always' : 'never')
  return (text, isFirst) => {
    const marked = text.replaceAll(' ', () => mark)
    const isMarked = marked.startsWith(mark) || prepends === 'never' || (prepends === 'first' && !isFirst)
    const whole = isMarked ? marked : mark + marked
    if (!splits) return [whole]
    const [start = '', ...words] = whole.split(mark)
    return [...start === '' ? [] : [start], ...words.map(word => mark + word)]
  }
}

/** Splits a text at a pattern. `behavior` says what becomes of the parts that match. */
function split (text: string, pattern: RegExp, behavior: Static<typeof Behavior>, isInverted = false): string[] {
  const parts: Array<{ text: string, isMatch: boolean }> = []
  let end = 0
  const take = (from: number, to: number, isMatch: boolean) => { if (to > from) parts.push({ text: text.slice(from, to), isMatch: isMatch !== isInverted }) }
  for (const match of text.matchAll(pattern)) {
    take(end, match.index, false)
    end = match.index + match[0].length
    take(match.index, end, true)
  }
  take(end, text.length, false)
  switch (behavior) {
    case 'Removed': return parts.flatMap(({ text, isMatch }) => isMatch ? [] : [text])
    case 'Isolated': return parts.map(({ text }) => text)
    case 'Contiguous': return merged(parts, (part, before) => part.isMatch === before.isMatch)
    case 'MergedWithPrevious': return merged(parts, (part, before) => part.isMatch && !before.isMatch)
    case 'MergedWithNext': return merged(parts, (part, before) => before.isMatch && !part.isMatch)
  }
}

/** Joins each part with the one before where `joins` says so. */
function merged<Part extends { text: string }> (parts: readonly Part[], joins: (part: Part, before: Part) => boolean): string[] {
  const all: string[] = []
  for (const [at, part] of parts.entries()) {
    const before = parts[at - 1]
    if (before && joins(part, before)) all[all.length - 1] += part.text
    else all.push(part.text)
  }
  return all
}

/** GPT-2's characters for the 256 bytes. */
function bytesAsCharacters (): string[] {
  let others = 0x100
  return Array.from({ length: 256 }, (_, byte) => {
    const isPrinted = (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xac) || byte >= 0xae
    return String.fromCharCode(isPrinted ? byte : others++)
  })
}
