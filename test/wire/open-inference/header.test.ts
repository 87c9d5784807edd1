import t from 'tap'
import { divided, jsonBytesOf, offsetOf } from '../../../wire/open-inference/header.ts'

t.test('the header is a length, or there is none', async t => {
  t.same([undefined, '0', '123', ' 7 '].map(jsonBytesOf), [null, 0, 123, 7])
  // Triton 2.51 dies of the last one.
  for (const header of ['-1', 'abc', '', '1.5', '1e3', '0x10', '99999999999999999999']) t.throws(() => jsonBytesOf(header), { statusCode: 400, message: /^The header Inference-Header-Content-Length is/ }, header)
})

t.test('the first tensor after the JSON is aligned', async t => {
  for (let jsonBytes = 0; jsonBytes < 20; jsonBytes++) t.equal((offsetOf(jsonBytes) + jsonBytes) % 8, 0)
  t.equal(offsetOf(null), 0)
})

t.test('a body is divided where its header says', async t => {
  const { json, bytes } = divided(Buffer.from('{}abc'), 2)
  t.same([json.toString(), bytes.toString()], ['{}', 'abc'])
  t.ok(json.buffer.byteLength === 2 && bytes.buffer.byteLength > 2, 'the JSON alone has memory of its own')
  t.throws(() => divided(Buffer.from('{}'), 99_999_999_999), { statusCode: 400, message: /is 99999999999; the body has only 2 bytes/ })
})
