import t from 'tap'
import { inputsOf } from '../../../wire/tensors/body.ts'
import { tokensSignature } from '../../fixtures/tensors.ts'
import { form } from '../form.ts'

const body = { inputs: { tokens: [[1, 2, 3]], attention_mask: [[1, 1, 0]] } }
const item = {
  feeds: {
    tokens: { dtype: 'int64', shape: [1, 3], data: BigInt64Array.of(1n, 2n, 3n) }, attention_mask: { dtype: 'float32', shape: [1, 3], data: Float32Array.of(1, 1, 0) }
  }
}
const read = async (body: unknown, limit = 10) => await inputsOf(body, tokensSignature, limit)

t.test('one object is one input, a list of them and instances are several', async t => {
  t.same(await read(body), { items: [item], isList: false })
  t.same(await read([body, body]), { items: [item, item], isList: true })
  t.same(await read({ instances: [body] }), { items: [item], isList: true })
})

t.test('a form holds the same JSON, as a file or as a field', async t => {
  t.same(await read(form({ 'a.json': JSON.stringify(body) })), { items: [item], isList: false })
  t.same(await read(form({}, { json: JSON.stringify([body]) })), { items: [item], isList: true })
  for (const wrong of [form({}), form({ a: '{}', b: '{}' }), form({ a: '{}' }, { json: '{}' }), form({}, { json: '{}', other: '1' }), form({}, { other: '1' })]) {
    await t.rejects(read(wrong), { statusCode: 400, message: /one file of JSON, or the field 'json'/ })
  }
  await t.rejects(read(form({}, { json: '{' })), { code: 'SRV_BODY_MALFORMED' })
  await t.rejects(read(form({}, { json: 'null' })), { code: 'SRV_BODY_MALFORMED' })
})

t.test('mistakes name the input', async t => {
  await t.rejects(read([body, 1]), { statusCode: 422, message: /^input 2 has no object 'inputs'/ })
  await t.rejects(read(undefined), { code: 'SRV_BODY_MISSING', message: /\{"inputs": \{"tokens": …/ })
  await t.rejects(read([]), { code: 'SRV_REQUEST_INVALID' })
  await t.rejects(read({ instances: [body], extra: 1 }), { message: /unknown field 'extra'/ })
  await t.rejects(read([1, 2, 3], 2), { code: 'SRV_TOO_MANY_INPUTS' }, 'before they are looked at')
})
