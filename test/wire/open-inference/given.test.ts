import t from 'tap'
import { placeOf, tensorOfGiven } from '../../../wire/open-inference/given.ts'

t.test('a tensor is made of bytes or of values', async t => {
  const X = { name: 'X', datatype: 'FP32', shape: [1] }
  const tensor = { dtype: 'float32', shape: [1], data: Float32Array.of(1.5) }
  t.same(await tensorOfGiven({ ...X, values: [1.5] }), tensor)
  t.same(await tensorOfGiven({ ...X, bytes: new Uint8Array(Float32Array.of(1.5).buffer) }), tensor)
  await t.rejects(tensorOfGiven({ ...X, datatype: 'FLOAT', values: [1] }), { statusCode: 400, message: /^input 'X': 'datatype' is 'FLOAT'; send one of FP32, / })
})

t.test('a long name is not quoted whole', async t => {
  t.equal(placeOf('x'.repeat(1000)).length, 68)
})
