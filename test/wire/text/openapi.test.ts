import { Ajv2020 } from 'ajv/dist/2020.js'
import t from 'tap'
import { CsvTexts, PlainText, textsOf } from '../../../wire/text/body.ts'
import { explanationOf, textBody } from '../../../wire/text/openapi.ts'
import { pairs, reviews, reviewsCard } from '../../fixtures/reviews.ts'

const LIMIT = 3
const ajv = new Ajv2020({ keywords: ['x-read-by-hand'], formats: { binary: true } })
const { samples, ...bare } = reviewsCard

for (const [name, input] of [['one text', reviews], ['one text or two', pairs]] as const) {
  const { content } = textBody(bare, input, LIMIT)
  const takesTwo = input === pairs

  t.test(`${name}: what the document allows is read, and what it forbids is refused`, async t => {
    const isBody = ajv.compile(content['application/json']!.schema)
    const two = { text: 'a', text_pair: 'b' }
    for (const body of ['a', '', { text: 'a' }, ['a', { text: 'b' }, ''], { instances: ['a'] }, ...takesTwo ? [two, [two, 'a']] : []]) {
      t.ok(isBody(body), JSON.stringify(body))
      t.ok(await textsOf(body, input, LIMIT), 'and is read')
    }
    for (const body of [5, true, {}, [], [5], [['a']], { text: 5 }, { text: null }, { text: 'a', more: 'b' }, { text_pair: 'b' }, { instances: [] }, { instances: 'a' }, { instances: ['a'], text: 'b' }, ['a', 'b', 'c', 'd'], ...takesTwo ? [{ ...two, text_pair: null }] : [two]]) {
      t.notOk(isBody(body), JSON.stringify(body))
      await t.rejects(textsOf(body, input, LIMIT), 'and is refused')
    }
  })

  t.test(`${name}: a form is a text or a file, and nothing beside it`, async t => {
    const isForm = ajv.compile(content['multipart/form-data']!.schema)
    const two = { text: 'a', text_pair: 'b' }
    for (const form of [{ text: 'a' }, { file: 'a' }, ...takesTwo ? [two] : []]) t.ok(isForm(form), JSON.stringify(form))
    for (const form of [{}, { text: 'a', file: 'b' }, { text_pair: 'b' }, { file: 'a', text_pair: 'b' }, { more: 'a' }, { ...two, file: 'c' }, ...takesTwo ? [] : [two]]) t.notOk(isForm(form), JSON.stringify(form))
  })

  t.test(`${name}: the examples are read`, async t => {
    const first = (type: string): unknown => JSON.parse(JSON.stringify(content[type]?.schema)).examples[0]
    const { items: [expected] } = await textsOf(first('application/json'), input, 1)
    t.match(expected, { text: /^The food/, pair: takesTwo ? /^We got/ : undefined })
    t.same((await textsOf(new CsvTexts(Buffer.from(String(first('text/csv')))), input, 1)).items, [expected])
    t.same((await textsOf(new PlainText(Buffer.from(String(first('text/plain')))), input, 1)).items, [{ text: expected && 'text' in expected && expected.text }])
  })
}

t.test('an example of CSV is quoted where it must be', async t => {
  const text = 'He said "good, great"\nand left.'
  const { content } = textBody({ ...bare, samples: [{ text }] }, reviews, 1)
  const [example] = JSON.parse(JSON.stringify(content['text/csv']?.schema)).examples
  t.same((await textsOf(new CsvTexts(Buffer.from(example)), reviews, 1)).items, [{ text }])
  t.equal(samples?.length, 2)
})

t.test('an explanation is what each word did', t => {
  const answer = { sentiment: 'positive', probability: 0.75, index: 1, model: 'reviews', version: '1' }
  const word = { word: 'great', text: 0, start: 4, importance: -0.5 }
  const isExplanation = ajv.compile(explanationOf(reviewsCard, reviews).content['application/json']!.schema)
  t.ok(isExplanation({ ...answer, words: [word] }))
  t.notOk(isExplanation({ ...answer, words: [{ ...word, importance: 2 }] }))
  t.notOk(isExplanation({ ...answer, words: [{ ...word, text: 1 }] }), 'this model takes one text')
  t.notOk(isExplanation(answer))
  const ofTwo = ajv.compile(explanationOf(reviewsCard, pairs).content['application/json']!.schema)
  t.ok(ofTwo({ ...answer, words: [{ ...word, text: 1 }] }))
  const ofNumbers = ajv.compile(explanationOf({ ...reviewsCard, labelKey: 'stars', output: { kind: 'value', tensor: 'y' } }, reviews).content['application/json']!.schema)
  t.ok(ofNumbers({ stars: 4, model: 'reviews', version: '1', words: [{ ...word, importance: 2 }] }))
  t.end()
})
