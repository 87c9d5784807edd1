import t from 'tap'
import { placeOf, tensorOfGiven } from '../../../wire/open-inference/given.ts'

t.test('a tensor is made of bytes or of values', async t => {
  const X = { name: 'X', datatype: 'FP32', shape: [1] }
  const tensor = { dtype: 'float32', shape: [1], data: Float32Array.of(1.5) }
  t.same(await tensorOfGiven({ ...X, values: [1.5] }), tensor)
  t.same(await tensorOfGiven({ ...X, bytes: new Uint8Array(Float32Array.of(1.5).buffer) }), tensor)
  await t.rejects(tensorOfGiven({ ...X, datatype: 'FLOAT', values: [1] }), { statusCode: 400, message: /^input 'X': 'datatype' is 'FLOAT'; send one of FP32, / })
})

t.test('more texts than memory has room for are refused before any is read', async t => {
  const count = 262_145
  const many = { name: 'X', datatype: 'BYTES', shape: [1, count] }
  const refused = { code: 'SRV_BODY_TOO_COMPLEX', message: /input 'X' has more than 262144 BYTES elements/ }
  // These bytes hold no element that would be read.
  await t.rejects(tensorOfGiven({ ...many, bytes: new Uint8Array(4 * count).fill(255) }), refused)
  await t.rejects(tensorOfGiven({ ...many, values: new Array(count).fill('') }), refused)
})

t.test('a long name is not quoted whole', async t => {
  t.equal(placeOf('x'.repeat(1000)).length, 68)
})
