import { Ajv } from 'ajv'
import t from 'tap'
import { Csv, rowsOf } from '../../../wire/table/body.ts'
import { csvAnswer, explanationOf, rowBody } from '../../../wire/table/openapi.ts'
import { echoCard, twoFeatures } from '../../fixtures/model.ts'

const { content } = rowBody(twoFeatures)
const ajv = new Ajv({ keywords: ['x-read-by-hand'], formats: { binary: true } })

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
  t.match(csvAnswer(echoCard)['text/csv']?.schema, { description: /columns shape and probability/ })
})

t.test('an explanation is what each feature did', async t => {
  const isExplanation = ajv.compile(explanationOf(echoCard).content['application/json']!.schema)
  const feature = { name: 'width', value: 1, importance: -0.5, curve: [{ value: 0, probability: 0.5 }] }
  const answer = { shape: 'wide', probability: 0.75, index: 0, model: 'echo', version: '1' }
  t.ok(isExplanation({ ...answer, features: [feature] }))
  t.notOk(isExplanation({ ...answer, features: [{ ...feature, importance: 2 }] }))
})
