import { Type, type Static } from '../../typebox.ts'
import { stripped } from './blanks.ts'
import { PatternSchema, patternOf } from './library.ts'
import { precompiledNormalizer } from './precompiled.ts'

const Plain = Type.Object({ type: Type.Enum(['NFC', 'NFD', 'NFKC', 'NFKD', 'Lowercase', 'StripAccents']) })
const Bert = Type.Object({
  type: Type.Literal('BertNormalizer'),
  clean_text: Type.Optional(Type.Boolean()),
  handle_chinese_chars: Type.Optional(Type.Boolean()),
  strip_accents: Type.Optional(Type.Union([Type.Boolean(), Type.Null()])),
  lowercase: Type.Optional(Type.Boolean())
})
const Strip = Type.Object({ type: Type.Literal('Strip'), strip_left: Type.Optional(Type.Boolean()), strip_right: Type.Optional(Type.Boolean()) })
const Replace = Type.Object({ type: Type.Literal('Replace'), pattern: PatternSchema, content: Type.String() })
const Prepend = Type.Object({ type: Type.Literal('Prepend'), prepend: Type.String() })
const Precompiled = Type.Object({ type: Type.Literal('Precompiled'), precompiled_charsmap: Type.Optional(Type.Union([Type.String(), Type.Null()])) })
const One = Type.Union([Plain, Bert, Strip, Replace, Prepend, Precompiled])

/** Schema of `normalizer` in tokenizer.json. */
export const NormalizerSchema = Type.Union([Type.Null(), One, Type.Object({ type: Type.Literal('Sequence'), normalizers: Type.Array(One) })])

/** `normalizer` of a tokenizer.json. */
export type NormalizerConfig = Static<typeof NormalizerSchema>

/** What BERT leaves out: control characters, private and unassigned ones, and what a decoder puts for bytes that are no text. */
const CONTROL = /(?![\t\n\r])[\p{Cc}\p{Cf}\p{Co}\ufffd]/gu
const SPACE = /\p{White_Space}/gu

/** The characters that BERT makes words of their own. https://github.com/google-research/bert/blob/master/tokenization.py */
const CHINESE = /[\u4e00-\u9fff\u3400-\u4dbf\u{20000}-\u{2a6df}\u{2a700}-\u{2b73f}\u{2b740}-\u{2b81f}\u{2b920}-\u{2ceaf}\uf900-\ufaff\u{2f800}-\u{2fa1f}]/gu

/**
 * The function that a normaliser describes. Its results are those of the library `tokenizers`; JavaScript's own functions
 * have other blanks, and another small sigma at the end of a word.
 *
 * @throws Error when it is damaged
 * @see https://huggingface.co/docs/tokenizers/api/normalizers
 */
export function normalizerOf (config: NormalizerConfig): (text: string) => string {
  if (config === null) return text => text
  const steps = config.type === 'Sequence' ? config.normalizers.map(ofOne) : [ofOne(config)]
  return text => steps.reduce((normal, step) => step(normal), text)
}

function ofOne (config: Static<typeof One>): (text: string) => string {
  switch (config.type) {
    case 'NFC':
    case 'NFD':
    case 'NFKC':
    case 'NFKD': return text => text.normalize(config.type)
    case 'Lowercase': return lowercase
    case 'StripAccents': return text => text.replaceAll(/\p{M}/gu, '')
    case 'BertNormalizer': return bertNormalizer(config)
    case 'Strip': return text => stripped(text, config.strip_left ?? false, config.strip_right ?? false)
    case 'Replace': {
      const pattern = patternOf(config.pattern)
      return text => text.replaceAll(pattern, () => config.content)
    }
    case 'Prepend': return text => text === '' ? text : config.prepend + text
    case 'Precompiled': return config.precompiled_charsmap ? precompiledNormalizer(config.precompiled_charsmap) : text => text
  }
}

function bertNormalizer ({ clean_text: cleans = true, handle_chinese_chars: splits = true, lowercase: isLower = true, strip_accents: strips }: Static<typeof Bert>): (text: string) => string {
  return text => {
    let normal = text
    if (cleans) normal = normal.replaceAll(CONTROL, '').replaceAll(SPACE, ' ')
    if (splits) normal = normal.replaceAll(CHINESE, ' $& ')
    if (strips ?? isLower) normal = normal.normalize('NFD').replaceAll(/\p{Mn}/gu, '')
    return isLower ? lowercase(normal) : normal
  }
}

/** Small letters, each character by itself. */
function lowercase (text: string): string {
  return text.replaceAll('Σ', 'σ').toLowerCase()
}
