import t from 'tap'
import { parseSmall } from '../../../wire/open-inference/parse.ts'

t.test('small JSON is parsed at once, unless that would change it', async t => {
  t.same(parseSmall(Buffer.from('{"a":[1.5,"x",null]}')), { a: [1.5, 'x', null] })
  for (const text of ['[9007199254740993]', '[NaN]', '[-Infinity]', `"${'x'.repeat(70_000)}"`]) t.equal(parseSmall(Buffer.from(text)), undefined)
  for (const text of ['', '{', 'hello']) t.throws(() => parseSmall(Buffer.from(text)), { statusCode: 400, message: /^The body is not JSON: / })
})
