import { Validator } from '@seriousme/openapi-schema-validator'
import t from 'tap'
import { build } from '../helper.ts'

const app = await build(t, { MODEL_NAME: 'iris' })
const json = { 'content-type': 'application/json' }
const csv = { 'content-type': 'text/csv' }

function post (payload: string | FormData, headers: Record<string, string> = {}, query = '') {
  return app.inject({ method: 'POST', url: `/predict${query}`, payload, headers })
}

t.test('one row is answered alone, several rows as a list in order', async t => {
  const one = (await post('{"sepal length":5.9,"sepal width":3,"petal length":5.1,"petal width":1.8}', json)).json()
  t.same(Object.keys(one), ['species', 'probability', 'index', 'top', 'model', 'version'])
  t.equal(one.species, 'virginica')
  const several = (await post('{"instances":[[5.9,3,5.1,1.8],[5,3.4,1.5,0.2]]}', json, '?top_k=1')).json()
  t.same(several.predictions.map(({ species, top }: { species: string, top: unknown[] }) => [species, top.length]), [['virginica', 1], ['setosa', 1]])
})

t.test('a thousand rows are answered, each with its own answer', async t => {
  const rows = Array.from({ length: 1000 }, (_, at) => at % 2 ? [5.9, 3, 5.1, 1.8] : [5, 3.4, 1.5, 0.2])
  const { predictions } = (await post(JSON.stringify(rows), json)).json()
  t.same(predictions.map(({ species }: { species: string }) => species), rows.map((_, at) => at % 2 ? 'virginica' : 'setosa'))
})

t.test('CSV is answered as JSON, or as CSV with the prediction appended', async t => {
  const body = 'petal width,petal length,sepal width,sepal length,note\n1.8,5.1,3,5.9,"a, b"\n'
  t.match((await post(body, csv)).json(), { predictions: [{ species: 'virginica' }] })
  for (const accept of ['text/csv;q=0', 'text/csv;q=0.5, application/json', '*/*']) {
    t.match((await post(body, { ...csv, accept })).headers['content-type'], 'application/json', accept)
  }
  const response = await post(body, { ...csv, accept: 'text/csv' })
  t.equal(response.headers['content-type'], 'text/csv; charset=utf-8')
  t.match(response.body, /^petal width,petal length,sepal width,sepal length,note,species,probability\n1\.8,5\.1,3,5\.9,"a, b",virginica,0\.7\d+\n$/)
})

t.test('rows in JSON are answered as CSV with the columns of the answer alone', async t => {
  const asCsv = { ...json, accept: 'text/csv' }
  t.match((await post('[[5.9,3,5.1,1.8],[5,3.4,1.5,0.2]]', asCsv)).body, /^species,probability\nvirginica,0\.7\d+\nsetosa,0\.9\d+\n$/)
  t.match((await post('[5.9,3,5.1,1.8]', asCsv)).headers['content-type'], 'text/csv', 'one row, too')
  t.match((await post('[5.9,3,5.1,1.8]', { ...json, accept: 'text/csv;q=0.5, application/json' })).headers['content-type'], 'application/json')
})

t.test("the page's form is answered", async t => {
  const form = new FormData()
  for (const [, name, value] of (await app.inject('/')).body.matchAll(/name="([^"]+)" type="number" step="any" value="([^"]+)"/g)) form.append(name!, value!)
  t.equal([...form].length, 4)
  t.equal((await post(form)).json().species, 'virginica')
})

t.test('a row for which the model computes NaN is a 422 that names the row and the output', async t => {
  const refused = (name: string) => ({
    statusCode: 422, code: 'SRV_ANSWER_NOT_FINITE', error: 'Unprocessable Entity', message: `${name} has no answer: the model computes NaN in its output 'output_probability'. Send an input that is more like the model's training data.`
  })
  t.same((await post('[1e38,1e38,1e38,1e38]', json)).json(), refused('the row'))
  t.same((await post('[[5,3.4,1.5,0.2],[1e38,1e38,1e38,1e38],[5,3.4,1.5,0.2]]', json)).json(), refused('row 2'))
  t.same((await post('5,3.4,1.5,0.2\n5,3.4,1.5,0.2\n1e38,1e38,1e38,1e38', csv)).json(), refused('row 3'))
})

t.test('a CSV of rows that are wrong is refused as a whole, and the answer lists them', async t => {
  const response = await post('5,3,1.5,wide\n5,3,1.5,0.2\n5,3,1.5', csv)
  t.equal(response.statusCode, 422)
  t.same(response.json().faults.map(({ row }: { row: number }) => row), [1, 3])
  t.equal(response.json().message, response.json().faults[0].message)
})

t.test('mistakes are a 4xx that says what is wrong', async t => {
  const mistakes: Array<[string, Record<string, string>, number, RegExp]> = [
    ['[1,2,3]', json, 422, /the row has 3 values; the model takes 4/],
    ['["5.9",3,5.1,1.8]', json, 422, /'sepal length' is the text "5\.9"/],
    ['{"instances":[[1,2,3,4],[1,2,3,null]]}', json, 422, /row 2: 'petal width' is null/],
    ['5,3,1.5,wide', csv, 422, /row 1: 'petal width' is the text "wide"/],
    ['5,3,1.5,0.2\n5,3,1.5,wide', csv, 422, /row 2: 'petal width'/],
    ['{', json, 400, /JSON/],
    ['hello', { 'content-type': 'image/png' }, 415, /'image\/png' is not supported; send application\/json, text\/csv/],
    ['hello', { 'content-type': 'application/octet-stream' }, 415, /application\/json, text\/csv/]
  ]
  for (const [payload, headers, statusCode, message] of mistakes) {
    t.match((await post(payload, headers)).json(), { statusCode, message }, payload)
  }
  t.match((await app.inject({ method: 'POST', url: '/predict' })).json(), { code: 'SRV_BODY_MISSING' })
})

t.test('more rows than the queue could ever hold are a 413, not a 503 for ever', async t => {
  const response = await post(JSON.stringify(Array.from({ length: 16_385 }, () => [5, 3.4, 1.5, 0.2])), json)
  t.match(response.json(), { statusCode: 413, code: 'SRV_TOO_MANY_INPUTS', message: /more than 16384 inputs/ })
})

t.test('info and the OpenAPI document follow the card', async t => {
  t.match((await app.inject('/info')).json(), { model: 'iris', 'input-size': '4', 'num-classes': 3, 'label-key': 'species', formats: ['JSON', 'CSV'] })
  const document = (await app.inject('/openapi.json')).json()
  t.match(await new Validator().validate(document), { valid: true })
  const { content } = document.paths['/predict'].post.requestBody
  t.same(Object.keys(content), ['application/json', 'text/csv', 'multipart/form-data'])
  t.same((await post(JSON.stringify(content['application/json'].example), json)).statusCode, 200, 'the JSON example runs')
  t.same((await post(content['text/csv'].example ?? content['text/csv'].schema.examples[0], csv)).statusCode, 200, 'the CSV example runs')
})
