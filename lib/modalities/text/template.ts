import { Type, type Static } from '../../typebox.ts'

const SpecialToken = Type.Object({ SpecialToken: Type.Object({ id: Type.String(), type_id: Type.Integer({ minimum: 0 }) }) })
const Sequence = Type.Object({ Sequence: Type.Object({ id: Type.Enum(['A', 'B']), type_id: Type.Integer({ minimum: 0 }) }) })
const Pieces = Type.Array(Type.Union([SpecialToken, Sequence]))
const Named = Type.Tuple([Type.String(), Type.Integer({ minimum: 0 })])

const TemplateProcessing = Type.Object({
  type: Type.Literal('TemplateProcessing'),
  single: Pieces,
  pair: Pieces,
  special_tokens: Type.Record(Type.String(), Type.Object({ ids: Type.Array(Type.Integer({ minimum: 0 })) }))
})
const BertProcessing = Type.Object({ type: Type.Literal('BertProcessing'), cls: Named, sep: Named })
const RobertaProcessing = Type.Object({ type: Type.Literal('RobertaProcessing'), cls: Named, sep: Named })
const ByteLevel = Type.Object({ type: Type.Literal('ByteLevel') })
const One = Type.Union([TemplateProcessing, BertProcessing, RobertaProcessing, ByteLevel])

/** Schema of `post_processor` in tokenizer.json: what is put around the tokens of a text. */
export const PostProcessorSchema = Type.Union([One, Type.Object({ type: Type.Literal('Sequence'), processors: Type.Array(One) }), Type.Null()])

/** `post_processor` of a tokenizer.json. */
type PostProcessor = Static<typeof PostProcessorSchema>

/** A part of an input: special tokens, or the tokens of the first (0) or second (1) text. */
export interface Part {
  content: number[] | 0 | 1
  /** Token type of these tokens. */
  type: number
}

/** What the input of one text, and that of a pair, is made of, in order. */
export interface Template {
  single: Part[]
  pair: Part[]
}

/** Without special tokens. The second text has another token type. */
const PLAIN: Template = { single: [{ content: 0, type: 0 }], pair: [{ content: 0, type: 0 }, { content: 1, type: 1 }] }

/**
 * The template that a post-processor describes.
 *
 * @returns null when it adds special tokens twice, which is not supported
 * @see https://huggingface.co/docs/tokenizers/api/post-processors
 */
export function templateOf (processor: PostProcessor): Template | null {
  if (processor === null) return PLAIN
  if (processor.type !== 'Sequence') return templateOfOne(processor)
  // This one changes the places of tokens in the text alone.
  const [first, ...others] = processor.processors.filter(({ type }) => type !== 'ByteLevel')
  if (others.length > 0) return null
  return first ? templateOfOne(first) : PLAIN
}

/** Number of special tokens of a template. */
export function specialTokensIn (parts: readonly Part[]): number {
  return parts.reduce((sum, { content }) => sum + (Array.isArray(content) ? content.length : 0), 0)
}

function templateOfOne (processor: Static<typeof One>): Template {
  switch (processor.type) {
    case 'ByteLevel': return PLAIN
    case 'TemplateProcessing': {
      const parts = (pieces: Static<typeof Pieces>) => pieces.map((piece): Part => 'Sequence' in piece
        ? { content: piece.Sequence.id === 'A' ? 0 : 1, type: piece.Sequence.type_id }
        : { content: processor.special_tokens[piece.SpecialToken.id]?.ids ?? [], type: piece.SpecialToken.type_id })
      return { single: parts(processor.single), pair: parts(processor.pair) }
    }
    case 'BertProcessing': {
      const [cls, sep] = [[processor.cls[1]], [processor.sep[1]]]
      const single: Part[] = [{ content: cls, type: 0 }, { content: 0, type: 0 }, { content: sep, type: 0 }]
      return { single, pair: [...single, { content: 1, type: 1 }, { content: sep, type: 1 }] }
    }
    case 'RobertaProcessing': {
      const [cls, sep] = [[processor.cls[1]], [processor.sep[1]]]
      const single: Part[] = [{ content: cls, type: 0 }, { content: 0, type: 0 }, { content: sep, type: 0 }]
      return { single, pair: [...single, { content: sep, type: 0 }, { content: 1, type: 0 }, { content: sep, type: 0 }] }
    }
  }
}
