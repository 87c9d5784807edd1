import t from 'tap'
import type { Row } from '../../../../lib/modalities/modality.ts'
import { textModality } from '../../../../lib/modalities/text/prepare.ts'
import type { TextItem } from '../../../../lib/modalities/text/input.ts'

const LIMITS = { pixels: 0, characters: 10_000 }
const tokens = textModality({ kind: 'text', tokenizer: { file: 'tokenizer.json', maxTokens: 512, padId: 0 } }, { inputs: [], outputs: [] })
const whole = textModality({ kind: 'text', tensor: 'x', example: 'an example' }, { inputs: [{ name: 'x', dtype: 'string', shape: [null] }, { name: 'y', dtype: 'float32', shape: [1] }], outputs: [] })

async function row (item: TextItem, modality = tokens): Promise<Row> {
  return await modality.prepare(item, LIMITS)
}

t.test('the modality says what it takes', async t => {
  t.match(tokens, { size: '512 tokens', summary: 'a text, cut to 512 tokens' })
  t.match(whole, { size: 'text', summary: "a text, into 'x'", tensors: [{ name: 'x' }] })
  t.same(await whole.example(), { text: 'an example' })
  t.match(textModality({ kind: 'text', pair: true, example: 'a' }, { inputs: [], outputs: [] }).example(), { text: 'a', pair: 'a' })
  t.equal(tokens.nameOf({ text: '' }, 1, 3), 'text 2')
  t.equal(tokens.nameOf({ text: '' }, 0, 1), 'the text')
})

t.test('a text over the limit is refused by its name, both texts of a pair together', async t => {
  await t.rejects(async () => await tokens.prepare({ text: 'abc' }, { pixels: 0, characters: 2 }, () => 'text 3'), { statusCode: 413, message: /^text 3 has 3 characters, over the limit of 2 \(TEXT_LIMIT\)/ })
  await t.rejects(async () => await tokens.prepare({ text: 'ab', pair: 'c' }, { pixels: 0, characters: 2 }), { code: 'SRV_TEXT_TOO_LONG', message: /^the text has 3/ })
  await t.rejects(async () => await tokens.prepare([1], LIMITS), { message: 'the model takes texts, but the input is none' })
})

t.test('half of a character is refused, and a whole one of two halves is not', async t => {
  await t.rejects(async () => await row({ text: 'a\ud83d' }), { statusCode: 422, code: 'SRV_TEXT_UNUSABLE', message: /^the text has half of a character/ })
  await t.rejects(async () => await row({ text: 'a', pair: '\ude00' }), { code: 'SRV_TEXT_UNUSABLE' })
  t.match(await row({ text: '😀' }), { content: { payload: { text: '😀' } } })
})

t.test('texts share a batch with those of about their length, and fewer the longer they are', async t => {
  const [short, other, long, longest, endless] = await Promise.all([row({ text: '' }), row({ text: 'x'.repeat(64) }), row({ text: 'x'.repeat(65) }), row({ text: 'x'.repeat(3000) }), row({ text: 'x', pair: 'y'.repeat(9000) })])
  t.equal(short.batchKey, other.batchKey)
  t.not(other.batchKey, long.batchKey)
  t.equal(longest.batchLimit, 8, 'what is cut has one length')
  t.not(longest.batchKey, endless.batchKey, 'and takes longer to tokenize')
  t.equal(endless.batchLimit, 4)
  t.equal((await row({ text: '\ufdfa'.repeat(10_000) })).batchLimit, 2)
  t.ok(short.batchLimit! > long.batchLimit! && long.batchLimit! > longest.batchLimit!)
  t.equal((await row({ text: 'x'.repeat(10_000) }, whole)).batchLimit, 1)
})

t.test('a file is one text, or has a column of texts', async t => {
  t.same(await tokens.fromFile(Buffer.from('a\nb'), 'x.txt'), [{ item: { text: 'a\nb' }, name: 'x.txt' }])
  t.same(await tokens.fromFile(Buffer.from('\ufeffa'), 'x.md'), [{ item: { text: 'a' }, name: 'x.md' }])
  t.same(await tokens.fromFile(Buffer.from('id,text\n1,"a, b"\n2,c\n'), 'x.csv'), [{ item: { text: 'a, b' }, name: 'x.csv:1' }, { item: { text: 'c' }, name: 'x.csv:2' }])
  await t.rejects(tokens.fromFile(Buffer.from([0xff, 0x41]), 'x.txt'), { code: 'SRV_BODY_MALFORMED', message: 'x.txt is not text in UTF-8; save it in this encoding.' })
})

t.test('what is wrong with a text is said in one sentence', async t => {
  t.match(tokens.damaged({ text: '' }, 'the text cannot be tokenized: why'), { statusCode: 422, message: 'the text cannot be tokenized: why.' })
  t.match(whole.refused?.({ text: '' }, 'why'), { statusCode: 422, message: 'the model cannot take the text: why' })
  t.equal(tokens.refused, undefined)
  t.match(tokens.tooHeavy({ text: '' }, 2, 1), { statusCode: 422, message: 'the text takes 2 bytes of memory, over the limit of 1.' })
})

t.test('an explanation runs the model on the text without its words', async t => {
  const probabilities = async (rows: Row[]) => rows.map(({ content }) => 'payload' in content && JSON.stringify(content.payload) === '{"text":"b"}' ? 0.25 : 0.75)
  const { words } = await tokens.explain(await row({ text: 'a b' }), undefined, 0.75, { probabilities, whenMemory: async (_bytes, decode) => await decode() })
  t.same(words, [{ word: 'a', text: 0, start: 0, importance: 0.5 }, { word: 'b', text: 0, start: 2, importance: 0 }])
})
