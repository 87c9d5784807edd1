import { Type, type Static } from '../../typebox.ts'
import type { Model } from './library.ts'

/** Schema of a WordPiece `model` in tokenizer.json. */
export const WordPieceSchema = Type.Object({
  type: Type.Literal('WordPiece'),
  vocab: Type.Record(Type.String(), Type.Integer({ minimum: 0 })),
  unk_token: Type.String(),
  continuing_subword_prefix: Type.Optional(Type.String()),
  max_input_chars_per_word: Type.Optional(Type.Integer({ minimum: 0 }))
})

/** Longest word that is not unknown, if the tokenizer does not say it. */
const WORD_LIMIT = 100

/**
 * BERT's model: a word is made of the longest tokens that fit, from the left.
 *
 * The library's own takes a hundred times as long for words of nonsense, because it also looks for tokens that are longer
 * than any of the vocabulary.
 *
 * @throws Error when its unknown token is not in the vocabulary
 * @see https://github.com/huggingface/tokenizers/blob/v0.22.2/tokenizers/src/models/wordpiece/mod.rs
 */
export function wordPiece ({ vocab, unk_token: unknown, continuing_subword_prefix: prefix = '##', max_input_chars_per_word: limit = WORD_LIMIT }: Static<typeof WordPieceSchema>): Model {
  const numbers = new Map(Object.entries(vocab))
  const unknownNumber = numbers.get(unknown)
  if (unknownNumber === undefined) throw new Error(`its vocabulary lacks the unknown token '${unknown}'`)
  const longest = [...numbers.keys()].reduce((most, { length }) => Math.max(most, length), 1)

  function tokensOf (word: string): string[] {
    // Most words have no character of two code units.
    if (word.length > limit && Array.from(word).length > limit) return [unknown]
    const tokens: string[] = []
    for (let start = 0; start < word.length;) {
      const before = start > 0 ? prefix : ''
      let end = Math.min(word.length, start + longest)
      while (end > start && !numbers.has(before + word.slice(start, end))) end--
      if (end === start) return [unknown]
      tokens.push(before + word.slice(start, end))
      start = end
    }
    return tokens
  }

  return { encode: pieces => pieces.flatMap(tokensOf), tokens_to_ids: numbers, unk_token_id: unknownNumber, fuse_unk: false }
}
