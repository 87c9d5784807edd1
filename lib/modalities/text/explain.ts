import { nextTurn } from '../../turn.ts'
import type { Again, Reasons, Row } from '../modality.ts'
import type { TextItem } from './input.ts'
import { segmentsOf } from './segments.ts'

/** Largest number of variations of a text, each without another word. */
export const VARIATIONS = 64

/** How many segments to look at in one turn of the event loop. That takes about 5 milliseconds. */
const SEGMENTS_PER_TURN = 1024

/**
 * How many words of each text a variation keeps, for each word that reaches the model at most. What is left out makes room
 * for words behind, and a tokenizer must not read in each variation what the model never sees.
 */
const KEPT_WORDS = 2

/** A run of letters of so many characters is no word, but a text in a language whose words the segmenter does not know. */
const RUN_CHARACTERS = 256

/** How many words such a run counts for. */
const RUN_WORDS = 64

const segmenter = new Intl.Segmenter('en', { granularity: 'word' })

/** A word, or a few words in a row. */
export interface Words {
  /** Which text of a pair: 0 or 1. */
  text: 0 | 1
  /** Place of the first character, and of the character after the last, in UTF-16 code units. */
  start: number
  end: number
}

/**
 * Explains the answer to a text: leaves out one word after the other and measures the change of the probability. Of a text
 * with more than 64 words, it leaves out several in a row.
 *
 * @param probability of the explained label, for the whole text
 * @param rowOf makes a row of a text
 * @param limit how many words of each text reach the model at most
 */
export async function explainText (item: TextItem, probability: number, again: Again, rowOf: (item: TextItem) => Row, limit: number, side: 'left' | 'right'): Promise<Reasons> {
  const { words, reach } = await wordsOf(item, limit, side)
  if (words.length === 0) return { words: [] }
  const probabilities = await again.probabilities(words.map(each => rowOf(cut(without(item, each), reach, side))))
  return {
    words: words.map(({ text, start, end }, at) => ({
      word: (text === 0 ? item.text : item.pair ?? '').slice(start, end), text, start, importance: Number((probability - probabilities[at]!).toFixed(6))
    }))
  }
}

/** How many characters of a text or a pair may reach the model, from the side that is not cut. */
type Reach = [number, number]

/**
 * The words of a text or a pair, at most 64: of a longer one, groups of words in a row. Also finds the words of languages
 * that are written without blanks.
 *
 * @param limit how many words of each text count
 * @param side where the other words are
 */
export async function wordsOf (item: TextItem, limit: number, side: 'left' | 'right'): Promise<{ words: Words[], reach: Reach }> {
  const [first, reach] = await wordsIn(item.text, 0, limit, side)
  const [second, other] = await wordsIn(item.pair ?? '', 1, limit, side)
  const share = Math.round(VARIATIONS * first.length / Math.max(1, first.length + second.length))
  const [most, others] = second.length === 0 ? [VARIATIONS, 0] : first.length === 0 ? [0, VARIATIONS] : [Math.min(Math.max(1, share), VARIATIONS - 1), VARIATIONS - Math.min(Math.max(1, share), VARIATIONS - 1)]
  return { words: [...grouped(first, most), ...grouped(second, others)], reach: [reach, other] }
}

/** The words of a text that count, and how many of its characters may reach the model. */
async function wordsIn (text: string, which: 0 | 1, limit: number, side: 'left' | 'right'): Promise<[Words[], number]> {
  const all: Words[] = []
  let seen = 0
  for (const segment of segmentsOf(text, segmenter)) {
    if (++seen % SEGMENTS_PER_TURN === 0) await nextTurn()
    if (segment.isWordLike) all.push({ text: which, start: segment.start, end: segment.start + segment.text.length })
  }
  const words = side === 'right' ? all.slice(0, limit) : all.slice(-limit)
  let kept = 0
  const last = (side === 'right' ? all : all.toReversed()).find(({ start, end }) => (kept += end - start < RUN_CHARACTERS ? 1 : RUN_WORDS) > KEPT_WORDS * limit)
  return [words, last === undefined ? text.length : side === 'right' ? last.end : text.length - last.start]
}

/** What may reach the model of a text or a pair. */
function cut ({ text, pair }: TextItem, [reach, other]: Reach, side: 'left' | 'right'): TextItem {
  const cutOne = (whole: string, characters: number) => side === 'right' ? whole.slice(0, characters) : whole.slice(Math.max(0, whole.length - characters))
  return { text: cutOne(text, reach), ...pair !== undefined && { pair: cutOne(pair, other) } }
}

/** At most so many groups of words in a row, as even as possible. */
function grouped (words: Words[], most: number): Words[] {
  const count = Math.min(most, words.length)
  return Array.from({ length: count }, (_, at) => {
    const [first, last] = [words[Math.floor(at * words.length / count)]!, words[Math.floor((at + 1) * words.length / count) - 1]!]
    return { text: first.text, start: first.start, end: last.end }
  })
}

/** The text or the pair without some words, and without a blank too many. */
export function without (item: TextItem, { text: which, start, end }: Words): TextItem {
  const text = which === 0 ? item.text : item.pair ?? ''
  const isBetweenBlanks = /^(?:\s|$)/.test(text.slice(end, end + 1)) && (start === 0 || /\s/.test(text[start - 1]!))
  const rest = text.slice(0, start) + text.slice(isBetweenBlanks ? end + 1 : end)
  return which === 0 ? { ...item, text: rest } : { ...item, pair: rest }
}
