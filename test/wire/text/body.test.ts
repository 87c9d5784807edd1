import t from 'tap'
import type { TextInput } from '../../../lib/modalities/text/input.ts'
import { CsvTexts, PlainText, textsOf as textsWithin } from '../../../wire/text/body.ts'
import type { Question } from '../../../wire/modality.ts'
import { pairs, reviews } from '../../fixtures/reviews.ts'
import { turnsOf } from '../../turns.ts'
import { form } from '../form.ts'

async function textsOf (body: unknown, { input = reviews, limit = 100 }: { input?: TextInput, limit?: number } = {}): Promise<Question> {
  return await textsWithin(body, input, limit)
}

const plain = (text: string | Uint8Array, contentType?: string) => new PlainText(Buffer.from(text), contentType)
const csv = (text: string) => new CsvTexts(Buffer.from(text))

t.test('a text alone or in an object is one, answered alone', async t => {
  const expected = { items: [{ text: 'great' }], isList: false }
  t.same(await textsOf('great'), expected)
  t.same(await textsOf({ text: 'great' }), expected)
  t.same(await textsOf({ text: 'great', text_pair: 'awful' }, { input: pairs }), { items: [{ text: 'great', pair: 'awful' }], isList: false })
  t.same(await textsOf('great', { input: pairs }), expected, 'a model of pairs takes one text, too')
})

t.test('a list, and instances, are several, even when there is one', async t => {
  t.same(await textsOf(['great']), { items: [{ text: 'great' }], isList: true })
  t.same(await textsOf({ instances: ['great', { text: 'awful' }] }), { items: [{ text: 'great' }, { text: 'awful' }], isList: true })
  t.same(await textsOf(['a', { text: 'b', text_pair: 'c' }], { input: pairs }), { items: [{ text: 'a' }, { text: 'b', pair: 'c' }], isList: true })
})

t.test('an empty text is a text', async t => {
  for (const body of ['', { text: '' }, form({}, { text: '' })]) t.same(await textsOf(body), { items: [{ text: '' }], isList: false })
  t.same((await textsOf(['', ''])).items, [{ text: '' }, { text: '' }])
})

t.test('a plain body is one text, with its line breaks', async t => {
  t.same(await textsOf(plain('  great,\r\nreally \n')), { items: [{ text: '  great,\r\nreally \n' }], isList: false })
  await t.rejects(textsOf(plain('')), { statusCode: 400, code: 'SRV_BODY_MISSING' })
})

t.test('a plain body is in UTF-8, or in the encoding that it names or marks', async t => {
  const text = async (body: PlainText) => (await textsOf(body)).items
  const expected = [{ text: 'café ☕' }]
  t.same(await text(plain('café ☕', 'text/plain; charset=utf-8')), expected)
  t.same(await text(plain('\ufeffcafé ☕')), expected, 'a byte order mark is no part of it')
  t.same(await text(plain(Buffer.from('\ufeffcafé ☕', 'utf16le'))), expected)
  t.same(await text(plain(Buffer.from('\ufeffcafé ☕', 'utf16le').swap16())), expected)
  t.same(await text(plain(Buffer.from('café ☕', 'utf16le'), 'text/plain; charset="UTF-16LE"')), expected)
  t.same(await text(plain(Buffer.from('café', 'latin1'), 'text/plain;charset=ISO-8859-1; format=flowed')), [{ text: 'café' }])
  await t.rejects(text(plain(Buffer.from('café', 'latin1'))), { statusCode: 400, code: 'SRV_BODY_MALFORMED', message: 'The body is not UTF-8; save the text as UTF-8.' })
  await t.rejects(text(plain('a', 'text/plain; charset=utf-16le')), { code: 'SRV_BODY_MALFORMED', message: /is not UTF-16LE/ }, 'half a character')
  await t.rejects(text(plain('a', 'text/plain; charset=klingon')), { statusCode: 400, message: "There is no encoding 'klingon'; send the text in UTF-8." })
})

t.test('a character that two pieces of a long body share is whole', async t => {
  const long = `a${'é'.repeat(100_000)}`
  t.same((await textsOf(plain(long))).items, [{ text: long }])
})

t.test('CSV, as a body or as a file of a form, has a column of texts', async t => {
  const text = 'id,text\n1,"great, really"\n2,awful\n'
  for (const body of [csv(text), form({ 'a.csv': text }), form({ 'A.CSV': text })]) {
    t.match(await textsOf(body), { items: [{ text: 'great, really' }, { text: 'awful' }], isList: true, table: { header: ['id', 'text'] } })
  }
  t.match(await textsOf(csv('text_pair,text\nb,a\n'), { input: pairs }), { items: [{ text: 'a', pair: 'b' }] })
  await t.rejects(textsOf(csv('id,review\n1,great\n')), { statusCode: 422, code: 'SRV_TEXT_UNUSABLE', message: /header lacks 'text'/ })
  await t.rejects(textsOf(csv('text\n')), { statusCode: 400, code: 'SRV_REQUEST_INVALID', message: 'the CSV has no texts; add one line for each text after the header.' })
  await t.rejects(textsOf(csv('text\na\nb\nc\n'), { limit: 2 }), { code: 'SRV_TOO_MANY_INPUTS' })
})

t.test('a form has a field with a text, or files with one each', async t => {
  t.same(await textsOf(form({}, { text: 'great' })), { items: [{ text: 'great' }], isList: false })
  t.same(await textsOf(form({}, { text: 'a', text_pair: 'b' }), { input: pairs }), { items: [{ text: 'a', pair: 'b' }], isList: false })
  t.same(await textsOf(form({ 'a.txt': 'great' })), { items: [{ text: 'great' }], isList: false })
  t.same(await textsOf(form({ 'a.txt': 'great', 'b.md': 'awful' })), { items: [{ text: 'great' }, { text: 'awful' }], isList: true })
  const damaged = form({ 'a.txt': 'a', 'b.txt': 'b' })
  damaged.files[1]!.bytes = Buffer.from('é', 'latin1')
  await t.rejects(textsOf(damaged), { statusCode: 400, message: "File 2 of 2 'b.txt' is not UTF-8; save the text as UTF-8." })
})

t.test('nothing is dropped without a word', async t => {
  for (const [body, message, input = reviews] of [
    [{ text: 'a', text_pair: 'b' }, "the text has 'text_pair', but the model takes one text; leave it out."],
    [['a', { text: 'b', label: 1 }], "text 2 has an unknown field 'label'; the model takes 'text'."],
    [{ text: 'a', label: 1 }, "the text has an unknown field 'label'; the model takes 'text' and 'text_pair'.", pairs],
    [{}, "the text lacks 'text'; send a text, or an object with 'text'."],
    [[['a', 'b']], "text 1 is a list; send a text, or an object with 'text' and 'text_pair'.", pairs],
    [5, "the text is the number 5; send a text, or an object with 'text'."],
    [['a', null], "text 2 is null; send a text, or an object with 'text'."],
    [{ instances: ['a', { text: ['b'] }] }, "text 2: 'text' is a list, not a text."],
    [{ text: 'a', text_pair: null }, "the text: 'text_pair' is null, not a text; leave it out if there is none.", pairs],
    [form({}, { review: 'a' }), "the form has an unknown field 'review'; the model takes 'text'."],
    [form({}, { text: 'a', text_pair: 'b' }), "the form has 'text_pair', but the model takes one text; leave it out."],
    [form({}), "the form lacks 'text'; send this field, or a file with a text, or with a CSV of texts."]
  ] satisfies Array<[unknown, string, TextInput?]>) await t.rejects(textsOf(body, { input }), { statusCode: 422, code: 'SRV_TEXT_UNUSABLE', message }, message)
  for (const [body, message] of [
    [{ instances: ['a'], parameters: {} }, "body has an unknown field 'parameters' beside 'instances'."],
    [{ instances: 'a' }, "'instances' is no list; send one entry for each text."],
    [form({ 'a.txt': 'a' }, { text: 'b' }), 'the form has a file and fields; send one or the other.'],
    [form({ 'a.csv': 'text\na\n', 'b.txt': 'b' }), 'the form has a CSV file and another file; send the CSV file alone.']
  ] satisfies Array<[unknown, string]>) await t.rejects(textsOf(body), { statusCode: 400, code: 'SRV_REQUEST_INVALID', message }, message)
})

t.test('nothing to classify is a 400', async t => {
  await t.rejects(textsOf(undefined), { code: 'SRV_BODY_MISSING', message: /text as JSON or as text\/plain/ })
  await t.rejects(textsOf(null), { code: 'SRV_BODY_MISSING' })
  for (const body of [[], { instances: [] }]) await t.rejects(textsOf(body), { code: 'SRV_REQUEST_INVALID', message: 'the list of texts is empty.' })
})

t.test('too many texts are refused before they are looked at', async t => {
  await t.rejects(textsOf([1, 2, 3], { limit: 2 }), { statusCode: 413, code: 'SRV_TOO_MANY_INPUTS', message: /more than 2 inputs/ })
})

t.test('many texts, and a long one, leave the event loop free', async t => {
  const many = Array.from({ length: 100_000 }, () => 'great')
  t.ok(await turnsOf(() => textsOf(many, { limit: 100_000 })) >= 4)
  const long = plain(Buffer.alloc(1_000_000, 'a'))
  t.ok(await turnsOf(() => textsOf(long)) >= 12)
})
