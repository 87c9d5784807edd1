import t from 'tap'
import { inputsOf, Upload } from '../../../lib/input/body.ts'

t.test('raw bytes are one input', async t => {
  t.same(inputsOf(Buffer.from('abc')), [{ name: 'the body', bytes: Buffer.from('abc') }])
})

t.test("a form's files are named in order", async t => {
  const one = new Upload('a.jpg', Buffer.from('a'))
  t.equal(inputsOf([one])[0]?.name, "file 'a.jpg'")
  t.same(inputsOf([one, new Upload('b.jpg', Buffer.from('b'))]).map(({ name }) => name), ["file 1 of 2 'a.jpg'", "file 2 of 2 'b.jpg'"])
})

t.test('base64 may be plain, wrapped at 76 columns, URL-safe, unpadded or a data: URL', async t => {
  const bytes = Buffer.from([0xfb, 0xff, 0xfe, 1])
  for (const image of ['+//+AQ==', '+//+\nAQ==\n', '-__-AQ', '+//+AQ', 'data:image/png;base64,+//+AQ==']) {
    t.same(inputsOf({ image })[0]?.bytes, bytes, image)
  }
})

t.test('what is not base64 is malformed', async t => {
  for (const image of ['!!!!', 'héllo', 'a b c d e!', '{"a":1}']) {
    t.throws(() => inputsOf({ image }), { code: 'SRV_BODY_MALFORMED', statusCode: 400, message: /'image' is not base64/ }, image)
  }
})

t.test('no body says how to send one', async t => {
  t.throws(() => inputsOf(undefined), { code: 'SRV_BODY_MISSING', message: /form file, as the raw body, or as base64/ })
})
