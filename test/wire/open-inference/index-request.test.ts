import t from 'tap'
import { readIndexRequest } from '../../../wire/open-inference/index-request.ts'

t.test('the request for the index may be empty', async t => {
  for (const body of [undefined, Buffer.alloc(0), Buffer.from('{}'), Buffer.from('{"ready":null}'), Buffer.from('{"ready":false}')]) t.same(readIndexRequest(body), { onlyReady: false })
  t.same(readIndexRequest(Buffer.from('{"ready":true}')), { onlyReady: true })
  for (const text of ['{', '[]', '1', '{"ready":1}']) t.throws(() => readIndexRequest(Buffer.from(text)), { message: /^The body|^'ready'/ })
})
