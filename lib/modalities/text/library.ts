import { Tokenizer } from '@huggingface/tokenizers'
import { Type, type Static } from '../../typebox.ts'

/** Schema of a pattern in tokenizer.json: a text, or a regular expression of Oniguruma. */
export const PatternSchema = Type.Union([Type.Object({ String: Type.String() }), Type.Object({ Regex: Type.String() })])

/** What the library's models do: WordPiece, BPE and Unigram. */
export interface Model {
  /** Makes tokens of pieces of a text. Those that are not in the vocabulary are unknown ones. */
  encode: (pieces: string[]) => string[]
  tokens_to_ids: ReadonlyMap<string, number>
  unk_token_id?: number | null
  /** Whether unknown tokens in a row are one. */
  fuse_unk: boolean
  /** Drops what a BPE model keeps for the next texts. */
  clear_cache?: () => void
}

/** The parts of the library that are used. The types that it brings do not resolve in a project of ES modules. */
interface Parts {
  model: Model
  normalizer: { pattern?: unknown } | null
}

const NO_MODEL = { type: 'WordPiece', vocab: {}, unk_token: '' }

/** The model that `model` in tokenizer.json describes. @throws Error when it is damaged */
export function modelOf (model: object): Model {
  return partsOf({ model }).model
}

/**
 * The regular expression that finds a pattern.
 *
 * @throws Error when JavaScript has no equal one
 */
export function patternOf (pattern: Static<typeof PatternSchema>): RegExp {
  // The library translates Oniguruma's regular expressions, but it exports only what uses them.
  const { normalizer } = partsOf({ model: NO_MODEL, normalizer: { type: 'Replace', pattern, content: '' } })
  if (!(normalizer?.pattern instanceof RegExp)) throw new Error('it has a pattern that is neither a text nor a regular expression')
  return normalizer.pattern
}

function partsOf (json: object): Parts {
  return new Tokenizer({ added_tokens: [], normalizer: null, pre_tokenizer: null, post_processor: null, decoder: null, ...json }, {})
}
