import { Ajv } from 'ajv'
import { join } from 'node:path'
import { readInside } from '../../card/inside.ts'
import { ModelInvalid } from '../../errors.ts'
import { Type, type Static } from '../../typebox.ts'
import { AddedTokenSchema, splitterOf, type AddedToken } from './added-tokens.ts'
import type { TextItem, TokenizerSettings } from './input.ts'
import { modelOf, type Model } from './library.ts'
import { NormalizerSchema, normalizerOf } from './normalizer.ts'
import { PreTokenizerSchema, preTokenizerOf, type PreTokenizer } from './pre-tokenizer.ts'
import { PostProcessorSchema, specialTokensIn, templateOf, type Part } from './template.ts'
import { truncatedLengths } from './truncate.ts'
import { wordPiece, WordPieceSchema } from './word-piece.ts'

/** Largest tokenizer.json. That of XLM-RoBERTa, with 250,000 tokens, has 17 MB. */
const FILE_LIMIT_BYTES = 64 * 1024 * 1024

/** After so many characters, the words that the library has kept for the next texts are dropped. They take up to 64 bytes for each. */
const KEPT_CHARACTERS = 256 * 1024

/** How many characters of a message of the library go into an error. */
const REASON_LIMIT = 200

/** The parts of a tokenizer.json that are read. The library reads the rest of `model`. */
const FileSchema = Type.Object({
  added_tokens: Type.Optional(Type.Array(AddedTokenSchema)),
  truncation: Type.Optional(Type.Union([Type.Null(), Type.Object({ strategy: Type.Optional(Type.Enum(['LongestFirst', 'OnlyFirst', 'OnlySecond'])) })])),
  normalizer: Type.Optional(NormalizerSchema),
  pre_tokenizer: Type.Optional(PreTokenizerSchema),
  post_processor: Type.Optional(PostProcessorSchema),
  model: Type.Union([WordPieceSchema, Type.Object({
    type: Type.Enum(['BPE', 'Unigram']),
    byte_fallback: Type.Optional(Type.Boolean()),
    continuing_subword_prefix: Type.Optional(Type.Union([Type.String(), Type.Null()])),
    unk_id: Type.Optional(Type.Union([Type.Integer({ minimum: 0 }), Type.Null()]))
  })])
})

const ajv = new Ajv({ strict: false, validateSchema: false, code: { optimize: false } })

/** The tokens of an input, the special ones included, and the type of each. */
export interface Encoding {
  ids: number[]
  types: number[]
}

/** Makes tokens of texts. */
export interface TextTokenizer {
  /**
   * The tokens of a text or a pair, cut to the largest number.
   *
   * @throws Error when the text cannot be cut or has no tokens
   */
  encode: (item: TextItem) => Encoding
}

/**
 * Reads a tokenizer of Hugging Face's, which makes the same tokens as in Python.
 *
 * @param root the folder that holds everything about the model
 * @throws ModelInvalid that names the file
 * @see https://huggingface.co/docs/transformers/main_classes/tokenizer
 */
export async function openTokenizer (root: string, { file, maxTokens, truncationSide = 'right' }: TokenizerSettings): Promise<TextTokenizer> {
  const path = join(root, file)
  const json = await readJson(root, path)
  if (json === null) throw new ModelInvalid(path, 'is missing, and the card names it as the tokenizer; copy it there, or save it with tokenizer.save_pretrained() of a fast tokenizer')
  // Compiled here, because few models have a tokenizer.
  const validate = ajv.compile<Static<typeof FileSchema>>(FileSchema)
  if (!validate(json)) {
    const { instancePath = '', message = '' } = validate.errors?.[0] ?? {}
    throw new ModelInvalid(path, `is no tokenizer that can be read: ${instancePath} ${message}; save it anew with tokenizer.save_pretrained() of a fast tokenizer`)
  }
  const template = templateOf(json.post_processor ?? null)
  const fault = template ? faultOf(json) : 'its post_processor adds special tokens twice'
  if (!template || fault !== null) throw new ModelInvalid(path, `is a tokenizer that is not supported: ${fault}`)
  const special = Math.max(specialTokensIn(template.single), specialTokensIn(template.pair))
  if (maxTokens <= special) throw new ModelInvalid(path, `adds ${special} special tokens, and the card's maxTokens is ${maxTokens}; raise it`)
  const tokensOf = tokensWith(json, path)
  const strategy = json.truncation?.strategy ?? 'LongestFirst'
  return {
    encode: ({ text, pair }) => {
      const parts = pair === undefined ? template.single : template.pair
      const limit = maxTokens - specialTokensIn(parts)
      // Of a pair, the longer text is cut first, so that the lengths of both count.
      const texts = pair === undefined ? [tokensOf(text, limit + 1, truncationSide)] : [tokensOf(text, Infinity, truncationSide), tokensOf(pair, Infinity, truncationSide)]
      const lengths = truncatedLengths(texts.map(({ length }) => length), limit, strategy)
      if (!lengths) throw new Error(`it has too many tokens, and the tokenizer cuts only the ${strategy === 'OnlyFirst' ? 'first' : 'second'} text`)
      return assembled(parts, texts.map((tokens, at) => truncationSide === 'right' ? tokens.slice(0, lengths[at]) : tokens.slice(tokens.length - (lengths[at] ?? 0))))
    }
  }
}

async function readJson (root: string, path: string): Promise<unknown> {
  const bytes = await readInside(root, path, FILE_LIMIT_BYTES)
  if (bytes === null) return null
  try {
    return JSON.parse(bytes.toString())
  } catch {
    throw new ModelInvalid(path, 'is not JSON; download it again')
  }
}

/** What a tokenizer needs that the library does not do; `null` if there is nothing. */
function faultOf ({ model }: Static<typeof FileSchema>): string | null {
  if (model.type === 'Unigram' && model.byte_fallback) return 'a Unigram model with byte_fallback'
  if (model.type === 'Unigram' && typeof model.unk_id !== 'number') return 'a Unigram model without unk_id'
  if (model.type === 'BPE' && model.continuing_subword_prefix) return 'a BPE model with continuing_subword_prefix'
  return null
}

/**
 * Makes the tokens of a text, without special ones around it; of a long text, those at one end.
 *
 * @param enough stops after so many tokens or a few more, because the others will be cut off
 * @param cutSide where the others are
 */
type TokensOf = (text: string, enough: number, cutSide: 'left' | 'right') => number[]

function tokensWith (json: Static<typeof FileSchema>, path: string): TokensOf {
  const { model, normalize, preTokenize } = partsOf(json, path)
  const [raw, normalized] = [new Map<string, AddedToken>(), new Map<string, AddedToken>()]
  for (const token of json.added_tokens ?? []) {
    if (token.normalized ?? !token.special) normalized.set(normalize(token.content), token)
    else raw.set(token.content, token)
  }
  const [splitRaw, splitNormalized] = [splitterOf(raw), splitterOf(normalized)]
  const numbers = model.tokens_to_ids
  const unknown = model.unk_token_id ?? undefined
  let keptCharacters = 0

  /** The tokens of a piece of a text, such as a word. */
  function tokensIn (piece: number | string): number[] {
    if (typeof piece === 'number') return [piece]
    const ids: number[] = []
    for (const token of model.encode([piece])) {
      const id = numbers.get(token) ?? unknown
      if (id === undefined) throw new Error('it has characters that the tokenizer does not know, and it has no token for such')
      // Unknown tokens in a row are one.
      if (id !== unknown || !model.fuse_unk || ids.at(-1) !== unknown) ids.push(id)
    }
    return ids
  }

  /** The parts of a text that become tokens by themselves, and those that are tokens. */
  function * piecesOf (text: string): Generator<number | string> {
    for (const section of splitRaw(text)) {
      if (typeof section === 'number') {
        yield section
        continue
      }
      for (const part of splitNormalized(normalize(section.text))) {
        if (typeof part === 'number') yield part
        else yield * preTokenize(part.text, section.start + part.start === 0)
      }
    }
  }

  return (text, enough, cutSide) => {
    const pieces = [...piecesOf(text)]
    const runs: number[][] = []
    for (let count = 0; count < enough && pieces.length > runs.length;) {
      const run = tokensIn(pieces[cutSide === 'right' ? runs.length : pieces.length - 1 - runs.length] ?? '')
      runs.push(run)
      count += run.length
    }
    keptCharacters += text.length
    if (keptCharacters > KEPT_CHARACTERS) {
      model.clear_cache?.()
      keptCharacters = 0
    }
    return cutSide === 'right' ? runs.flat() : runs.toReversed().flat()
  }
}

/** The parts of a tokenizer. @throws ModelInvalid when one of them is not supported */
function partsOf ({ normalizer = null, pre_tokenizer: preTokenizer = null, model }: Static<typeof FileSchema>, path: string): { model: Model, normalize: (text: string) => string, preTokenize: PreTokenizer } {
  try {
    return { model: model.type === 'WordPiece' ? wordPiece(model) : modelOf(model), normalize: normalizerOf(normalizer), preTokenize: preTokenizerOf(preTokenizer) }
  } catch (error) {
    throw new ModelInvalid(path, `is a tokenizer that is not supported: ${(error instanceof Error ? error.message : String(error)).slice(0, REASON_LIMIT)}`)
  }
}

/** Puts the special tokens around the tokens of the texts. */
function assembled (parts: readonly Part[], texts: readonly number[][]): Encoding {
  const [ids, types] = [new Array<number>(), new Array<number>()]
  for (const { content, type } of parts) {
    for (const id of Array.isArray(content) ? content : texts[content] ?? []) {
      ids.push(id)
      types.push(type)
    }
  }
  return { ids, types }
}
