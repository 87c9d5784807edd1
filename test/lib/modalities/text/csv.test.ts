import t from 'tap'
import { textsFromCsv as textsFromBytes } from '../../../../lib/modalities/text/csv.ts'
import { pairs, reviews } from '../../../fixtures/reviews.ts'
import { turnsOf } from '../../../turns.ts'

const textsFromCsv = async (text: string, { input = reviews, limit = 100 } = {}) => await textsFromBytes(Buffer.from(text), input, limit)

t.test('the column text has the texts, wherever it stands', async t => {
  const { items, table } = await textsFromCsv('\ufeffid;text ;note\n1;"great; ""really""\nso";a\n2; awful ;b\n')
  t.same(items, [{ text: 'great; "really"\nso' }, { text: ' awful ' }], 'with their blanks')
  t.same(table, { header: ['id', 'text', 'note'], records: ['id;text ;note', '1;"great; ""really""\nso";a', '2; awful ;b'], delimiter: ';' })
})

t.test('a second text is read where the model takes two', async t => {
  const csv = 'text_pair,text\nb,a\n'
  t.same((await textsFromCsv(csv, { input: pairs })).items, [{ text: 'a', pair: 'b' }])
  t.same((await textsFromCsv(csv)).items, [{ text: 'a' }], 'and is another column elsewhere')
  t.same((await textsFromCsv('text\na\n', { input: pairs })).items, [{ text: 'a' }])
})

t.test('an empty field is an empty text, and a line without any text is none', async t => {
  const { items, table } = await textsFromCsv('id,text\n1,\n,\n\n2,a\n')
  t.same(items, [{ text: '' }, { text: 'a' }])
  t.equal(table.records.length, 3, 'so that the answers stand beside their texts')
})

t.test('what is wrong is named', async t => {
  await t.rejects(textsFromCsv('great\nawful\n'), { statusCode: 422, code: 'SRV_TEXT_UNUSABLE', message: "the CSV's header lacks 'text'; its first line must name the columns, and one of them 'text'." })
  await t.rejects(textsFromCsv('text,text\na,b\n'), { message: "the CSV's header has 'text' twice." })
  await t.rejects(textsFromCsv('text\na\ngood, bad\n'), { statusCode: 422, message: 'row 2 has 2 values; the header has 1. A text with a delimiter or a line break must be in double quotes.' })
  await t.rejects(textsFromCsv('text\na\nb\nc\n', { limit: 2 }), { statusCode: 413, code: 'SRV_TOO_MANY_INPUTS' })
  t.equal((await textsFromCsv('text\na\nb\n', { limit: 2 })).items.length, 2)
  await t.rejects(textsFromCsv(`text\n${'a'.repeat(5_000_000)}\n`), { statusCode: 413, code: 'SRV_BODY_TOO_COMPLEX' })
})

t.test('a long text fits, and leaves the event loop free', async t => {
  const long = 'é'.repeat(100_000)
  t.same((await textsFromCsv(`text\n"${long}"\n`)).items, [{ text: long }])
  t.ok(await turnsOf(() => textsFromCsv(`text\n"${long}"\n`)) >= 10)
})

t.test('the error tells all faulty rows', async t => {
  await t.rejects(textsFromCsv('text\na\nb,c\nd\ne,f\n'), { message: /^row 2 has 2 values/, faults: [{ row: 2 }, { row: 4 }] })
})
