import { Validator } from '@seriousme/openapi-schema-validator'
import t, { type Test } from 'tap'
import { projectFile } from '../../lib/project.ts'
import { modelFolder } from '../fixtures/model.ts'
import { POSITIVE, reviewsCard, reviewsModel } from '../fixtures/reviews.ts'
import { build, form } from '../helper.ts'

const TEXT_LIMIT = 1000
const app = await build(t, { MODEL_PATH: modelFolder(t, { card: reviewsCard, model: reviewsModel }), TEXT_LIMIT: String(TEXT_LIMIT), QUEUE_LIMIT: '50000' })
const json = { 'content-type': 'application/json' }
const csv = { 'content-type': 'text/csv' }
const plain = { 'content-type': 'text/plain' }

async function post (payload: unknown, headers: Record<string, string> = json, url = '/predict') {
  return await app.inject({ method: 'POST', url, payload: typeof payload === 'string' || payload instanceof Buffer || payload instanceof FormData ? payload : JSON.stringify(payload), headers })
}

/** What scikit-learn says to a text. */
function expected (text: string) {
  const positive = POSITIVE[text] ?? NaN
  return positive > 0.5 ? { sentiment: 'positive', probability: positive, index: 1 } : { sentiment: 'negative', probability: 1 - positive, index: 0 }
}

function check (t: Test, { probability, ...answer }: { probability: number }, text: string, message: string) {
  const { probability: right, ...rest } = expected(text)
  t.match(answer, rest, message)
  t.ok(Math.abs(probability - right) < 1e-4, `${message}: ${probability}`)
}

t.test('a text is answered as scikit-learn answers it, however it is sent', async t => {
  for (const text of Object.keys(POSITIVE)) {
    const fields = new FormData()
    fields.append('text', text)
    for (const [how, payload, headers] of [
      ['a JSON string', JSON.stringify(text), json],
      ['an object', { text }, json],
      ['a form', fields, {}],
      ...text === '' ? [] : [['plain text', text, plain], ['a file', form({ name: 'a.txt', bytes: Buffer.from(text) }), {}]] as const
    ] as const) check(t, (await post(payload, headers)).json(), text, `${JSON.stringify(text)} as ${how}`)
  }
})

t.test('many texts are answered in order, as JSON and as CSV', async t => {
  const texts = Object.keys(POSITIVE)
  for (const body of [texts, texts.map(text => ({ text })), { instances: texts }]) {
    const { predictions } = (await post(body)).json()
    for (const [at, text] of texts.entries()) check(t, predictions[at], text, JSON.stringify(body).slice(0, 20))
  }
  const answer = await post('id;text;note\n1;"awful";a\n2;The food was great and the staff was kind.;"b\nc"\n', { ...csv, accept: 'text/csv' })
  t.match(answer.headers, { 'content-type': 'text/csv; charset=utf-8' })
  t.match(answer.body, /^id;text;note;sentiment;probability\n1;"awful";a;negative;0\.831\d*\n2;The food was great and the staff was kind\.;"b\nc";positive;0\.960\d*\n$/)
  t.match((await post('text\nawful\n', csv)).json(), { predictions: [{ sentiment: 'negative' }] })
})

t.test('the bare answer is the place of the label', async t => {
  t.equal((await post('great', { ...plain, accept: 'text/plain' })).body, '1')
  t.equal((await post(['great', 'awful'], { ...json, accept: 'text/plain' })).body, '1\n0')
})

t.test('a large body is read like a small one', async t => {
  const texts = Array.from({ length: 20_000 }, (_, at) => at % 2 === 0 ? 'great' : { text: 'awful' })
  const { predictions } = (await post(texts, json, '/predict?top_k=1')).json()
  t.equal(predictions.length, 20_000)
  t.match([predictions[0], predictions[1], predictions.at(-1)], [{ sentiment: 'positive' }, { sentiment: 'negative' }, { sentiment: 'negative' }])
})

t.test('a long text is refused before the model sees it', async t => {
  const long = 'a'.repeat(TEXT_LIMIT + 1)
  t.equal((await post(long.slice(1), plain)).statusCode, 200)
  for (const [body, headers] of [[JSON.stringify(long), json], [long, plain], [{ instances: ['a', long] }, json], [`text\n${long}\n`, csv]] as const) {
    t.match((await post(body, headers)).json(), { statusCode: 413, code: 'SRV_TEXT_TOO_LONG', message: /1001 characters, over the limit of 1000 \(TEXT_LIMIT\)/ })
  }
  const huge = JSON.stringify('a'.repeat(200_000))
  t.match((await post(huge)).json(), { statusCode: 413, code: 'SRV_TEXT_TOO_LONG' }, 'a text that is the whole of a large body')
})

t.test('what is no text is refused in words that name it', async t => {
  for (const [payload, headers, answer] of [
    [['great', 5], json, { statusCode: 422, code: 'SRV_TEXT_UNUSABLE', message: /^text 2 is the number 5/ }],
    ['', plain, { statusCode: 400, code: 'SRV_BODY_MISSING' }],
    [Buffer.from('caf\xe9', 'latin1'), plain, { statusCode: 400, code: 'SRV_BODY_MALFORMED' }],
    ['great', { 'content-type': 'text/html' }, { statusCode: 415, message: /send application\/json, text\/plain, text\/csv or multipart\/form-data/ }],
    ['review\ngreat\n', csv, { statusCode: 422, message: /'text'/ }]
  ] as const) t.match((await post(payload, headers)).json(), answer)
})

t.test('odd texts are texts, too', async t => {
  for (const text of ['a\u0000great', '\u202egreat', '👩‍👩‍👧', ' '.repeat(900), '"', '\u2028']) t.equal((await post({ text })).statusCode, 200, encodeURIComponent(text))
})

t.test('the words that carry the answer are found by leaving them out', async t => {
  const text = 'The food was great, and the staff was kind.'
  const { words, ...answer } = (await post({ text }, json, '/explain')).json()
  check(t, answer, 'The food was great and the staff was kind.', 'the answer')
  t.same(words.map(({ word }: { word: string }) => word), text.match(/\w+/g))
  for (const { word, start, text: which } of words) t.match([text.slice(start, start + word.length), which], [word, 0])
  const [first, second] = words.toSorted((one: { importance: number }, other: { importance: number }) => other.importance - one.importance)
  t.same([first.word, second.word], ['great', 'kind'])
})

for (const [name, item] of [
  ['text-small-bert', { text: 'Their support team, 我喜欢, wasn’t surprisingly good!' }],
  ['text-small-roberta', { text: '(Naïve) «façade»: 😀, [x] = "a[i++]"' }],
  ['text-small-pairs', { text: 'A man plays the guitar.', text_pair: 'Nobody is playing.' }]
] as const) {
  t.test(`an importance is what the probability loses without the word: ${name}`, async t => {
    const app = await build(t, { MODEL_PATH: projectFile(`test/fixtures/exports/${name}`) })
    const ask = async (url: string, payload: object) => (await app.inject({ method: 'POST', url, payload })).json()
    const { words, index, probability } = await ask('/explain', item)
    t.ok(words.length >= 5)
    const probabilityOf = async (payload: object) => (await ask('/predict', payload)).top.find((each: { index: number }) => each.index === index).probability
    t.ok(Math.abs(await probabilityOf(item) - probability) < 1e-6)
    for (const { word, text: which, start, importance } of words) {
      const field = which === 0 ? 'text' : 'text_pair'
      const whole = new Map<string, string>(Object.entries(item)).get(field) ?? ''
      t.equal(whole.slice(start, start + word.length), word)
      const rest = await probabilityOf({ ...item, [field]: whole.slice(0, start) + whole.slice(start + word.length) })
      t.ok(Math.abs(probability - rest - importance) < 1e-5, `${word}: ${importance}`)
    }
  })
}

t.test('the page, the information and the document follow the model', async t => {
  t.match((await app.inject('/')).body, '<textarea id="text" name="text"')
  t.match((await app.inject('/info')).json(), { formats: ['JSON', 'plain text', 'CSV'], service: { 'text-limit': TEXT_LIMIT } })
  const document = (await app.inject('/openapi.json')).json()
  t.match(await new Validator().validate(document), { valid: true })
  const { content } = document.paths['/predict'].post.requestBody
  const exampleOf = (type: string) => content[type].example ?? content[type].schema.examples[0]
  check(t, (await post(exampleOf('application/json'))).json(), 'The food was great and the staff was kind.', 'the JSON example')
  check(t, (await post(exampleOf('text/plain'), plain)).json(), 'The food was great and the staff was kind.', 'the plain example')
  t.equal((await post(exampleOf('text/csv'), csv)).statusCode, 200)
})
