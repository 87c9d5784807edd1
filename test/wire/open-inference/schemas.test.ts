import { Ajv } from 'ajv'
import t from 'tap'
import { inferAnswer, inferBody, inferenceErrors, modelParams } from '../../../wire/open-inference/schemas.ts'

const MODEL = { name: 'iris', version: '1' }
const ajv = new Ajv({ strict: false })

t.test('the schema of a request takes what clients send', async t => {
  const validate = ajv.compile<unknown>(inferBody(null).content['application/json']!.schema)
  const X = { name: 'X', datatype: 'FP32', shape: [1, 4], data: [[1, 2, 3, 4]] }
  t.ok(validate({ inputs: [X] }))
  t.ok(validate({ id: null, parameters: null, inputs: [{ ...X, parameters: null }], outputs: null }))
  t.ok(validate({ id: 'a', model_name: 'iris', inputs: [{ ...X, data: undefined, parameters: { binary_data_size: 16 } }], outputs: [{ name: 'a', parameters: { binary_data: true } }] }))
  for (const wrong of [{}, { inputs: [{ ...X, shape: [-1] }] }, { inputs: [{ ...X, datatype: 'FLOAT' }] }, { inputs: [X], id: 1 }]) t.notOk(validate(wrong))
  t.notMatch(inferBody(null).content['application/json'], { schema: { examples: Array } })
})

t.test('the schema of an answer describes one', async t => {
  const validate = ajv.compile<unknown>(inferAnswer(MODEL).content['application/json']!.schema)
  t.ok(validate({ model_name: 'iris', model_version: '1', outputs: [{ name: 'label', datatype: 'INT64', shape: [1], data: [2] }] }))
  t.notOk(validate({ outputs: [] }))
})

t.test("paths have this model's names, and errors one shape", async t => {
  t.match(modelParams(MODEL, true), { properties: { model: { enum: ['iris'], default: 'iris' }, version: { enum: ['1'] } }, required: ['model', 'version'] })
  t.notMatch(modelParams(MODEL, false), { properties: { version: Object } })
  t.same(Object.keys(inferenceErrors(400, 404)), ['400', '404'])
})
