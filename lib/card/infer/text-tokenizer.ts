import { dirname, join, posix, relative, sep } from 'node:path'
import type { TokenizerSettings } from '../../modalities/text/input.ts'
import { ModelInvalid } from '../../errors.ts'
import { Type, type Static } from '../../typebox.ts'
import type { ModelFiles } from '../files.ts'
import { kindOf, readInside } from '../inside.ts'
import type { Graph } from '../onnx/graph.ts'
import { printable } from '../onnx/tensor.ts'
import { checked, objectOf, placeOf, readConfig } from './config-file.ts'
import type { Assumption, Evidence, PartialCard } from './source.ts'

const FILE = 'tokenizer.json'

/** Largest tokenizer.json. That of XLM-RoBERTa, with 250,000 tokens, has 17 MB. */
const FILE_LIMIT_BYTES = 64 * 1024 * 1024

/** A length over it means that there is none: transformers writes 1e30. */
const LENGTH_LIMIT = 1_000_000

/** The usual number of tokens of such models. */
const USUAL_TOKENS = 512

/** Names that this token has in almost all tokenizers. */
const PAD_TOKENS = ['[PAD]', '<pad>']

/**
 * Types of models that count the positions of tokens from `pad_token_id + 1` on, and therefore take fewer tokens than
 * `max_position_embeddings`: RoBERTa's 514 are 512. They are those of transformers 4.57.6 whose code has
 * `create_position_ids_from_input_ids`.
 */
const SHIFTED = new Set([
  'camembert', 'data2vec-text', 'esm', 'ibert', 'longformer', 'luke', 'mpnet', 'roberta', 'roberta-prelayernorm', 'xlm-roberta', 'xlm-roberta-xl', 'xmod'
])

/** Default of `pad_token_id` of these models. */
const SHIFTED_PAD_ID = 1

const Direction = Type.Enum(['Left', 'Right'])

/** The parts of a tokenizer.json that say how texts are cut and filled up. */
const FileSchema = Type.Object({
  truncation: Type.Optional(Type.Union([Type.Null(), Type.Object({ max_length: Type.Integer({ minimum: 1 }), direction: Type.Optional(Direction) })])),
  padding: Type.Optional(Type.Union([Type.Null(), Type.Object({
    direction: Type.Optional(Direction), pad_id: Type.Optional(Type.Integer({ minimum: 0 })), pad_type_id: Type.Optional(Type.Integer({ minimum: 0 })), pad_token: Type.Optional(Type.String())
  })])),
  added_tokens: Type.Optional(Type.Array(Type.Object({ id: Type.Integer({ minimum: 0 }), content: Type.String() }))),
  model: Type.Object({ type: Type.Optional(Type.String()), vocab: Type.Optional(Type.Unknown()) })
})

type TokenizerFile = Static<typeof FileSchema>

/** A tokenizer for the card, and where it was read. */
interface Read {
  from: string
  tokenizer: TokenizerSettings
  assumptions: Assumption[]
}

/** Why there is none. */
interface Lacking {
  reason: string
  /** Whether there is no tokenizer.json. */
  isMissing: boolean
}

/**
 * Reads how a tokenizer of Hugging Face's cuts texts and fills up a batch: what transformers does with the same files when it is told to
 * cut and to fill up.
 *
 * @param config the fields of `config.json`
 * @returns why there is none, if a file is missing or if none names the token that fills up
 * @throws ModelInvalid when a file is malformed
 * @see https://github.com/huggingface/transformers/blob/v4.57.6/src/transformers/tokenization_utils_fast.py
 */
export async function readTokenizer (evidence: Evidence, config: Record<string, unknown>, known: PartialCard): Promise<Read | Lacking> {
  const { files, graph } = evidence
  const own = known.input && 'tokenizer' in known.input ? known.input.tokenizer : undefined
  const file = own?.file ?? await placeIn(files)
  const json = file === null ? null : await readFile(files, file)
  if (file === null || json === null) return { reason: lackOf(files), isMissing: true }
  const settings = await readConfig(files, 'tokenizer_config.json') ?? {}
  const padId = own?.padId ?? await padIdOf(json, settings, config, files)
  if (padId === null) return { reason: 'no file names the token that fills up shorter texts', isMissing: false }
  const padTypeId = wholeOf(settings['pad_token_type_id']) ?? json.padding?.pad_type_id
  const paddingSide = sideOf(settings['padding_side'], json.padding?.direction)
  const truncationSide = sideOf(settings['truncation_side'], json.truncation?.direction)
  const length = lengthOf(json, settings, config, graph)
  const type = json.model.type === undefined ? '' : `${printable(json.model.type, 32)}, `
  return {
    from: `${FILE} (${type}${length.from})`,
    tokenizer: {
      file,
      maxTokens: length.tokens,
      padId,
      ...padTypeId && { padTypeId },
      ...paddingSide === 'left' && { paddingSide },
      ...truncationSide === 'left' && { truncationSide }
    },
    assumptions: length.assumptions
  }
}

/** Path of the tokenizer, relative to the root: in the folder of the ONNX file, or in one above it. */
async function placeIn ({ root, model, names }: ModelFiles): Promise<string | null> {
  if (!names.includes(FILE)) return null
  for (let folder = dirname(model); ; folder = dirname(folder)) {
    if (await kindOf(join(folder, FILE)) === 'file') return posix.join(...relative(root, folder).split(sep), FILE)
    if (folder === root || folder === dirname(folder)) return null
  }
}

async function readFile (files: ModelFiles, file: string): Promise<TokenizerFile | null> {
  const bytes = await readInside(files.root, join(files.root, file), FILE_LIMIT_BYTES)
  if (bytes === null) return null
  try {
    return checked(FileSchema, JSON.parse(bytes.toString('utf8')), files, file)
  } catch (error) {
    if (error instanceof SyntaxError) throw new ModelInvalid(placeOf(files, file), 'is not JSON; download it again')
    throw error
  }
}

/** What there is in place of a tokenizer.json. */
function lackOf ({ names }: ModelFiles): string {
  const older = names.filter(name => /^(vocab\.(txt|json)|merges\.txt|.*\.model|.*\.bpe)$/.test(name)).slice(0, 3)
  return older.length === 0 ? `there is no ${FILE}` : `there is no ${FILE}, but ${older.map(name => printable(name, 64)).join(' and ')} of an older tokenizer`
}

/** The token that fills up. A name in tokenizer_config.json comes first, as in transformers. */
async function padIdOf (json: TokenizerFile, settings: Record<string, unknown>, config: Record<string, unknown>, files: ModelFiles): Promise<number | null> {
  const special = await readConfig(files, 'special_tokens_map.json') ?? {}
  const named = [settings['pad_token'], special['pad_token']].map(textOf).find(token => token !== null)
  const id = named === undefined ? null : idOf(json, named)
  const [usual = null] = PAD_TOKENS.flatMap(token => idOf(json, token) ?? [])
  return id ?? json.padding?.pad_id ?? wholeOf(config['pad_token_id']) ?? usual
}

/** A token is a text, or an object with its content. */
function textOf (token: unknown): string | null {
  const text = objectOf(token)?.['content'] ?? token
  return typeof text === 'string' ? text : null
}

function idOf ({ added_tokens: added = [], model: { vocab } }: TokenizerFile, token: string): number | null {
  const own = added.find(({ content }) => content === token)
  if (own) return own.id
  if (Array.isArray(vocab)) {
    const at = vocab.findIndex((entry: unknown) => Array.isArray(entry) && entry[0] === token)
    return at < 0 ? null : at
  }
  return vocab instanceof Object && Object.hasOwn(vocab, token) ? wholeOf(Object.getOwnPropertyDescriptor(vocab, token)?.value) : null
}

function sideOf (said: unknown, direction: Static<typeof Direction> | undefined): 'left' | 'right' {
  const side = typeof said === 'string' ? said : direction
  return side?.toLowerCase() === 'left' ? 'left' : 'right'
}

/** Largest number of tokens, and which file says it. */
function lengthOf (json: TokenizerFile, settings: Record<string, unknown>, config: Record<string, unknown>, graph: Graph): { tokens: number, from: string, assumptions: Assumption[] } {
  const stated = usableOf(settings['model_max_length'])
  const cut = json.truncation?.max_length
  const said = stated === null
    ? cut === undefined ? [] : [{ tokens: cut, from: `cut at ${cut}` }]
    : [{ tokens: stated, from: `model_max_length ${stated}` }]
  const fixed = graph.inputs.find(({ name }) => name === 'input_ids')?.shape?.[1]
  const positions = positionsOf(config, said.length > 0)
  const limits = [...said, ...positions, ...typeof fixed === 'number' ? [{ tokens: fixed, from: `${fixed} tokens in the graph` }] : []]
  const [least] = limits.toSorted((a, b) => a.tokens - b.tokens)
  if (least) return { ...least, assumptions: [] }
  return {
    tokens: USUAL_TOKENS,
    from: `${USUAL_TOKENS} tokens`,
    assumptions: [{
      field: '/input/tokenizer/maxTokens',
      assumed: `texts cut to ${USUAL_TOKENS} tokens`,
      because: 'no file says how many the model takes',
      card: JSON.stringify({ input: { tokenizer: { maxTokens: USUAL_TOKENS } } })
    }]
  }
}

/** The number of positions that the model has learned. Relative ones are no limit, and only what is usual. */
function positionsOf (config: Record<string, unknown>, isSaid: boolean): Array<{ tokens: number, from: string }> {
  const { model_type: type, max_position_embeddings: own, n_positions: other, position_biased_input: isAbsolute } = config
  const positions = usableOf(own) ?? usableOf(other)
  if (positions === null || (isAbsolute === false && isSaid)) return []
  if (typeof type !== 'string' || !SHIFTED.has(type)) return [{ tokens: positions, from: `${positions} positions` }]
  const first = (wholeOf(config['pad_token_id']) ?? SHIFTED_PAD_ID) + 1
  return positions > first ? [{ tokens: positions - first, from: `${positions} positions, from ${first} on` }] : []
}

/** A number of tokens, unless it means that there is no limit. */
function usableOf (value: unknown): number | null {
  const length = wholeOf(value)
  return length !== null && length > 0 && length <= LENGTH_LIMIT ? length : null
}

function wholeOf (value: unknown): number | null {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 ? value : null
}
