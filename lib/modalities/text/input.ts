import { Type, type Static } from '../../typebox.ts'

const Side = Type.Enum(['left', 'right'])

/** The card's `input` for texts: the tensor that takes the text itself, or the tokenizer that makes numbers of it. */
export const TextInputSchema = Type.Object({
  kind: Type.Literal('text'),
  tensor: Type.Optional(Type.String({ minLength: 1, description: 'Name of the input tensor that takes the text itself, [batch] or [batch, 1]. Without it, the text is tokenized.' })),
  tokenizer: Type.Optional(Type.Object({
    file: Type.String({ pattern: '^(?!.*/\\.\\.(?:/|$))[^/.][^:\\\\]*$', description: "Path of the tokenizer, relative to the model folder: Hugging Face's tokenizer.json." }),
    maxTokens: Type.Integer({ minimum: 1, description: 'Largest number of tokens, the special ones included. A longer text is cut.' }),
    padId: Type.Integer({ minimum: 0, description: 'The token that fills up shorter texts of a batch.' }),
    padTypeId: Type.Optional(Type.Integer({ minimum: 0, description: 'The token type of this token. Default: 0.' })),
    paddingSide: Type.Optional(Side),
    truncationSide: Type.Optional(Side)
  }, { additionalProperties: false })),
  pair: Type.Optional(Type.Boolean({ description: 'Whether the model compares two texts.' })),
  example: Type.Optional(Type.String({ description: 'A typical text.' }))
}, { additionalProperties: false })

/** The card's `input` for texts. */
export type TextInput = Static<typeof TextInputSchema>

/** The card's tokenizer of a text model. */
export type TokenizerSettings = NonNullable<TextInput['tokenizer']>

/** A text to classify, or two that the model compares. */
export interface TextItem {
  text: string
  pair?: string | undefined
}

/** The names of the first text and of the second one of a pair: of columns, of fields and of tensors. */
export const [TEXT, PAIR] = ['text', 'text_pair'] as const

/** The texts that a payload holds. @throws Error when it holds none */
export function textIn (payload: unknown): TextItem {
  if (!(payload instanceof Object && 'text' in payload && typeof payload.text === 'string')) throw new Error('the payload is no text')
  return { text: payload.text, ...'pair' in payload && typeof payload.pair === 'string' && { pair: payload.pair } }
}

/** Checks the rules that the schema cannot express. Returns the first error message, or `null`. */
export function faultOf ({ tensor, tokenizer, pair }: TextInput): string | null {
  if ((tensor === undefined) === (tokenizer === undefined)) return "/input: a text needs either 'tensor', which takes it as it is, or 'tokenizer'"
  return pair && tensor !== undefined ? '/input/pair: only a model with a tokenizer takes two texts' : null
}
