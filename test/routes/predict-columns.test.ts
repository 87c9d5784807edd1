import { Validator } from '@seriousme/openapi-schema-validator'
import t from 'tap'
import { PATIENT, patientsCard, patientsModel } from '../fixtures/columns.ts'
import { modelFolder } from '../fixtures/model.ts'
import { build } from '../helper.ts'

const app = await build(t, { MODEL_PATH: modelFolder(t, { card: patientsCard, model: patientsModel }) })
const json = { 'content-type': 'application/json' }
const csv = { 'content-type': 'text/csv' }
const row = { 'age / years': 40, iron: 1.5, visits: 3, is_member: true, city: 'New York', weight: 70.25 }

function post (payload: unknown, headers: Record<string, string> = json, url = '/predict') {
  return app.inject({ method: 'POST', url, payload: typeof payload === 'string' || payload instanceof FormData ? payload : JSON.stringify(payload), headers })
}

t.test('rows of named columns of every kind are answered, however they are sent', async t => {
  // The logits are the columns themselves: 70.25 stands out, and with a weight of 50 and the age of 100 the age does.
  t.match((await post(row)).json(), { label: 'weight', index: 7, top: { length: 5 } })
  t.match((await post([PATIENT, { ...row, 'age / years': 100, weight: 50 }])).json(), { predictions: [{ label: 'weight' }, { label: 'age' }] })
  const answer = await post('city,is_member,visits,age / years,iron,weight\nNew York,True,3,40,1.5,70.25\n"Paris",0,1,100,1,50\n', { ...csv, accept: 'text/csv' })
  t.same(answer.body.trim().split('\n').map(line => line.split(',').at(-2)), ['label', 'weight', 'age'])
  const form = new FormData()
  for (const [name, value] of Object.entries(row)) form.append(name, String(value))
  t.match((await post(form, {})).json(), { label: 'weight' })
})

t.test('what does not fit its column is a 422 that names the column', async t => {
  const mistakes: Array<[object, RegExp]> = [
    [{ ...row, visits: 2.5 }, /^the row: 'visits' is 2\.5, not a whole number\.$/],
    [{ ...row, city: 'Bonn' }, /^the row: 'city' is the text "Bonn"; the model knows "Paris", "New York", " Rome"\.$/],
    [{ iron: 1 }, /^the row lacks 'age \/ years', 'visits', 'is_member', 'city', 'weight'; the model takes/],
    [{ ...row, height: 1 }, /^the row has an unknown feature 'height'/]
  ]
  for (const [body, message] of mistakes) t.match((await post(body)).json(), { statusCode: 422, code: 'SRV_ROW_UNUSABLE', message }, String(message))
})

t.test('a missing value is NaN for the model, which then has no answer here', async t => {
  t.match((await post({ ...row, iron: null })).json(), { statusCode: 422, code: 'SRV_ANSWER_NOT_FINITE', message: /computes NaN/ })
})

t.test('the page, its form, the information and the document follow the columns', async t => {
  const page = (await app.inject('/')).body
  t.match(page, '<select id="feature-4" name="city"')
  t.match((await app.inject('/info')).json(), { 'input-size': '6' })
  const document = (await app.inject('/openapi.json')).json()
  t.match(await new Validator().validate(document), { valid: true })
  const { content } = document.paths['/predict'].post.requestBody
  const exampleOf = (type: string) => content[type].example ?? content[type].schema.examples[0]
  t.equal((await post(exampleOf('application/json'))).statusCode, 200, 'the JSON example runs')
  t.equal((await post(exampleOf('text/csv'), csv)).statusCode, 200, 'the CSV example runs')
})

t.test('an explanation varies what has a range or known values', async t => {
  const { features } = (await post(row, json, '/explain')).json()
  t.same(features.map(({ name, value }: { name: string, value: unknown }) => [name, value]), [
    ['age / years', 40], ['visits', 3], ['is_member', true], ['city', 'New York'], ['weight', 70.25]
  ])
  t.same(features[3].curve.map(({ value }: { value: string }) => value), ['Paris', 'New York', ' Rome'])
})

t.test('a word that only the model itself does not know is a 422, too', async t => {
  const { features, ...input } = patientsCard.input.kind === 'table' ? patientsCard.input : { kind: 'table' as const, features: [] }
  const card = { ...patientsCard, input: { ...input, features: features.map(({ values, min, max, ...feature }) => ({ ...feature, ...values && { values, others: true, example: 'Paris' } })) } }
  const open = await build(t, { MODEL_PATH: modelFolder(t, { card, model: patientsModel }) })
  const ask = async (url: string, city: string) => (await open.inject({ method: 'POST', url, payload: JSON.stringify({ ...row, city }), headers: json })).json()
  t.match(await ask('/predict', 'Paris'), { label: 'weight' })
  t.match(await ask('/predict', 'Bonn'), { statusCode: 422, code: 'SRV_ROW_UNUSABLE', message: /^the model cannot take the row .*"Bonn".*: .*Unknown/ })
  t.match(await ask('/explain', 'Paris'), { label: 'weight' })
})

t.test('a model of which no feature can be varied has no explanations', async t => {
  const card = { ...patientsCard, labels: ['a', 'b'], input: { kind: 'table', tensor: 'x', features: [{ name: 'a' }, { name: 'b' }] } }
  const { echoModel } = await import('../fixtures/model.ts')
  const plain = await build(t, { MODEL_PATH: modelFolder(t, { card, model: echoModel }) })
  t.equal((await plain.inject({ method: 'POST', url: '/explain', payload: '[1,2]', headers: json })).statusCode, 404)
  t.notMatch((await plain.inject('/')).body, 'data-explains')
  t.match(await new Validator().validate((await plain.inject('/openapi.json')).json()), { valid: true })
})
