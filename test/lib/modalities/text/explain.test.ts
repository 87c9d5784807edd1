import t from 'tap'
import { explainText, VARIATIONS, without, wordsOf } from '../../../../lib/modalities/text/explain.ts'
import type { TextItem } from '../../../../lib/modalities/text/input.ts'
import type { Again, Row } from '../../../../lib/modalities/modality.ts'

const rowOf = (item: TextItem): Row => ({ content: { payload: item }, weightBytes: 0, isSlow: false, batchKey: '', transfer: [] })

/** A model whose probability is the share of the texts that hold 'good'. */
const again: Again = {
  probabilities: async rows => rows.map(({ content }) => JSON.stringify(content).includes('good') ? 0.75 : 0.25),
  whenMemory: async (_bytes, decode) => await decode()
}

async function wordsIn (item: TextItem, limit = Infinity, side: 'left' | 'right' = 'right'): Promise<string[]> {
  return (await wordsOf(item, limit, side)).words.map(({ text, start, end }) => (text === 0 ? item.text : item.pair ?? '').slice(start, end))
}

t.test('the word without which the probability drops carries the answer', async t => {
  t.same(await explainText({ text: 'a good one' }, 0.75, again, rowOf, Infinity, 'right'), {
    words: [{ word: 'a', text: 0, start: 0, importance: 0 }, { word: 'good', text: 0, start: 2, importance: 0.5 }, { word: 'one', text: 0, start: 7, importance: 0 }]
  })
  t.same(await explainText({ text: 'bad', pair: 'good' }, 0.75, again, rowOf, Infinity, 'right'), {
    words: [{ word: 'bad', text: 0, start: 0, importance: 0 }, { word: 'good', text: 1, start: 0, importance: 0.5 }]
  })
  t.same(await explainText({ text: '…!' }, 0.75, again, rowOf, Infinity, 'right'), { words: [] })
})

t.test('words are found where nothing separates them', async t => {
  t.same(await wordsIn({ text: '快速的棕色狐狸' }), Array.from(new Intl.Segmenter('zh', { granularity: 'word' }).segment('快速的棕色狐狸'), ({ segment }) => segment))
  t.ok((await wordsIn({ text: '快速的棕色狐狸' })).length > 1)
})

t.test('a long text is left out in groups of words', async t => {
  const text = Array.from({ length: 1000 }, (_, at) => `w${at}`).join(' ')
  const groups = await wordsIn({ text })
  t.equal(groups.length, VARIATIONS)
  t.equal(groups.join(' '), text)
  t.equal((await wordsIn({ text }, 100)).join(' '), text.slice(0, text.indexOf(' w100')), 'of what reaches the model')
  t.equal((await wordsIn({ text }, 2, 'left')).join(' '), 'w998 w999')
  const pair = await wordsIn({ text, pair: 'one two' })
  t.equal(pair.length, VARIATIONS - 1 + 1)
  t.equal(pair.at(-1), 'one two')
  t.equal((await wordsIn({ text: '', pair: text })).length, VARIATIONS)
})

t.test('a variation holds no more of a long text than can reach the model', async t => {
  const asked: TextItem[] = []
  const keeping = (item: TextItem) => {
    asked.push(item)
    return rowOf(item)
  }
  const text = Array.from({ length: 1000 }, (_, at) => `w${at}`).join(' ')
  await explainText({ text, pair: text }, 1, again, keeping, 10, 'right')
  t.equal(asked.length, 20)
  for (const { text: first, pair = '' } of asked) for (const each of [first, pair]) t.match(each, /^(?:w0|w1) .* w19 /, 'ten words, and ten more')
  t.ok(asked.every(({ text: first, pair = '' }) => first.length < 90 && pair.length < 90))
  asked.length = 0
  await explainText({ text }, 1, again, keeping, 10, 'left')
  for (const { text: last } of asked) t.match(last, / w980 .* (?:w999|w998 ?)$/)
  t.ok(asked.every(({ text: last }) => last.length < 110))
  asked.length = 0
  await explainText({ text: 'ก'.repeat(20_000) }, 1, again, keeping, 512, 'right')
  t.ok(asked.length > 1 && asked.every(({ text: part }) => part.length > 512 && part.length < 5000), 'a text without words')
  asked.length = 0
  await explainText({ text: 'a b' }, 1, again, keeping, Infinity, 'right')
  t.same(asked, [{ text: 'b' }, { text: 'a ' }])
})

t.test('a word goes with one of the blanks around it', async t => {
  const left = (text: string, start: number, end: number) => without({ text }, { text: 0, start, end }).text
  t.equal(left('a b c', 2, 3), 'a c')
  t.equal(left('a b', 0, 1), 'b')
  t.equal(left('a, b', 0, 1), ', b')
  t.same(without({ text: 'a', pair: 'b c' }, { text: 1, start: 2, end: 3 }), { text: 'a', pair: 'b ' })
})
