import { Type, type Static } from '../../typebox.ts'
import { stripped } from './blanks.ts'

/** Schema of one of the `added_tokens` in tokenizer.json: a text that is one token wherever it stands. */
export const AddedTokenSchema = Type.Object({
  id: Type.Integer({ minimum: 0 }),
  content: Type.String(),
  single_word: Type.Optional(Type.Boolean()),
  lstrip: Type.Optional(Type.Boolean()),
  rstrip: Type.Optional(Type.Boolean()),
  normalized: Type.Optional(Type.Boolean()),
  special: Type.Optional(Type.Boolean())
})

/** One of the `added_tokens` in a tokenizer.json. */
export type AddedToken = Static<typeof AddedTokenSchema>

/** A part of a text: an added token as its number, or the text between two of them, with its place. */
export type Section = number | { text: string, start: number }

/** The characters of a word, as in Rust's regular expressions. */
const WORD = /[\p{Alphabetic}\p{M}\p{Nd}\p{Pc}\p{Join_Control}]/u

/**
 * Makes a function that splits a text at added tokens. Of several tokens at one place, the longest counts.
 *
 * @param tokens by the text that stands for them
 */
export function splitterOf (tokens: ReadonlyMap<string, AddedToken>): (text: string) => Section[] {
  const contents = [...tokens.keys()].filter(content => content !== '').sort((one, other) => other.length - one.length)
  if (contents.length === 0) return text => text === '' ? [] : [{ text, start: 0 }]
  const pattern = new RegExp(contents.map(content => content.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')).join('|'), 'g')
  return text => {
    const sections: Section[] = []
    let start = 0
    let isStripped = false
    const take = (end: number, strip: boolean) => {
      const whole = text.slice(start, end)
      const right = strip ? stripped(whole, false, true) : whole
      const both = isStripped ? stripped(right, true, false) : right
      if (both !== '') sections.push({ text: both, start: start + right.length - both.length })
    }
    for (const match of text.matchAll(pattern)) {
      const token = tokens.get(match[0])
      const end = match.index + match[0].length
      if (!token || (token.single_word && !isAlone(text, match.index, end))) continue
      take(match.index, token.lstrip ?? false)
      sections.push(token.id)
      start = end
      isStripped = token.rstrip ?? false
    }
    take(text.length, false)
    return sections
  }
}

/** Whether no character of a word is before or after a place in a text. */
function isAlone (text: string, start: number, end: number): boolean {
  const before = Array.from(text.slice(Math.max(0, start - 2), start)).at(-1) ?? ''
  const after = String.fromCodePoint(text.codePointAt(end) ?? 0)
  return !WORD.test(before) && !WORD.test(after)
}
