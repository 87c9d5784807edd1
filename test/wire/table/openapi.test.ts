import { Ajv2020 } from 'ajv/dist/2020.js'
import t from 'tap'
import { Csv, rowsOf } from '../../../wire/table/body.ts'
import { csvAnswer, explanationOf, rowBody } from '../../../wire/table/openapi.ts'
import { echoCard, twoFeatures } from '../../fixtures/model.ts'

const LIMIT = 3
const { content } = rowBody(twoFeatures, LIMIT)
const ajv = new Ajv2020({ keywords: ['x-read-by-hand'], formats: { binary: true } })

t.test('a row may be a list or an object, alone, in a list, or as instances', async t => {
  const isBody = ajv.compile(content['application/json']!.schema)
  for (const body of [[1, 2], { height: 1, width: 2 }, [[1, 2], { height: 1, width: 2 }], { instances: [[1, 2]] }]) {
    t.ok(isBody(body), JSON.stringify(body))
    t.ok(await rowsOf(body, twoFeatures, 10), 'and is read')
  }
  for (const body of [[1], [1, 2, 3], { height: 1 }, { height: 1, width: 2, depth: 3 }, ['1', 2]]) {
    t.notOk(isBody(body), JSON.stringify(body))
    await t.rejects(rowsOf(body, twoFeatures, 10), { code: 'SRV_ROW_UNUSABLE' }, 'and is refused')
  }
})

t.test('what the document allows is read, and what it forbids is refused: numbers of a float32, and rows up to the limit', async t => {
  const isBody = ajv.compile(content['application/json']!.schema)
  const row = [1, 2]
  const largest = 3.4028234663852886e38
  for (const body of [[largest, -largest], { height: largest, width: 0 }, [row, row, row], { instances: [row, row, row] }]) {
    t.ok(isBody(body), JSON.stringify(body))
    t.ok(await rowsOf(body, twoFeatures, LIMIT), 'and is read')
  }
  for (const body of [[3.41e38, 0], { height: -3.41e38, width: 0 }, [[1e39, 0]], [], [row, row, row, row], { instances: [] }, { instances: [row, row, row, row] }, { instances: [row], parameters: {} }]) {
    t.notOk(isBody(body), JSON.stringify(body))
    await t.rejects(rowsOf(body, twoFeatures, LIMIT), 'and is refused')
  }
})

t.test('a form is one row or one file, and nothing beside it', async t => {
  const isForm = ajv.compile(content['multipart/form-data']!.schema)
  for (const form of [{ width: 1, height: 2 }, { file: '1,2' }]) t.ok(isForm(form), JSON.stringify(form))
  for (const form of [{}, { width: 1 }, { width: 1, height: 2, file: '1,2' }, { file: '1,2', width: 1 }, { width: 1, height: 2, depth: 3 }, { width: 1e39, height: 2 }]) {
    t.notOk(isForm(form), JSON.stringify(form))
  }
})

t.test('the examples are the example of the card', async t => {
  const example = [[0.25, 0.75]]
  const first = (type: string): unknown => JSON.parse(JSON.stringify(content[type]?.schema)).examples[0]
  t.same((await rowsOf(first('application/json'), twoFeatures, 1)).items, example)
  t.same((await rowsOf(new Csv(Buffer.from(String(first('text/csv')))), twoFeatures, 1)).items, example)
})

t.test('a form has a field for each feature, with its unit and range', async t => {
  t.match(content['multipart/form-data']?.schema, {
    properties: { width: { description: 'In cm. Training data: 0 to 1.', examples: [0.25] }, height: { description: 'Training data: 0 to 10.' }, file: { format: 'binary' } }
  })
  t.notOk(Object.hasOwn(JSON.parse(JSON.stringify(content['multipart/form-data']?.schema)), 'required'), 'a CSV file will do instead')
})

t.test('CSV is answered with the columns that the document names', async t => {
  t.match(csvAnswer(echoCard)['text/csv']?.schema, { description: /the additional columns shape and probability\.$/ })
  t.match(csvAnswer({ ...echoCard, output: { kind: 'value', tensor: 'y' } })['text/csv']?.schema, { description: /the additional column shape\.$/ })
  t.match(csvAnswer({ ...echoCard, output: { kind: 'labels', tensor: 'y', activation: 'none' } })['text/csv']?.schema, { description: /probability and labels\. Several labels are separated by semicolons\.$/ })
  t.same(csvAnswer({ ...echoCard, output: { kind: 'tensors' } }), {}, 'and plain tensors not at all')
})

t.test('an explanation is what each feature did', async t => {
  const isExplanation = ajv.compile(explanationOf(echoCard).content['application/json']!.schema)
  const feature = { name: 'width', value: 1, importance: -0.5, curve: [{ value: 0, probability: 0.5 }] }
  const answer = { shape: 'wide', probability: 0.75, index: 0, model: 'echo', version: '1' }
  t.ok(isExplanation({ ...answer, features: [feature] }))
  t.notOk(isExplanation({ ...answer, features: [{ ...feature, importance: 2 }] }))
})
