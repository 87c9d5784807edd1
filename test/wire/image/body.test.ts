import t from 'tap'
import { picturesOf } from '../../../wire/image/body.ts'
import { form } from '../form.ts'

t.test('raw bytes are one input', async t => {
  t.same(await picturesOf(Buffer.from('abc')), { items: [{ name: 'the body', bytes: Buffer.from('abc'), isMovable: true }], isList: false })
})

t.test("a form's files are named in order, and its text is left alone", async t => {
  const one = await picturesOf(form({ 'a.jpg': 'a' }, { note: 'hello' }))
  t.match(one, { items: [{ name: "file 'a.jpg'" }], isList: false })
  const two = await picturesOf(form({ 'a.jpg': 'a', 'b.jpg': 'b' }))
  t.match(two, { items: [{ name: "file 1 of 2 'a.jpg'" }, { name: "file 2 of 2 'b.jpg'" }], isList: true })
})

t.test('base64 may be plain, wrapped at 76 columns, URL-safe, unpadded or a data: URL', async t => {
  const bytes = Buffer.from([0xfb, 0xff, 0xfe, 1])
  for (const image of ['+//+AQ==', '+//+\nAQ==\n', '-__-AQ', '+//+AQ', 'data:image/png;base64,+//+AQ==']) {
    t.match((await picturesOf({ image })).items, [{ bytes }], image)
  }
})

t.test('what is not base64 is malformed', async t => {
  for (const image of ['!!!!', 'héllo', 'a b c d e!', '{"a":1}']) {
    await t.rejects(picturesOf({ image }), { code: 'SRV_BODY_MALFORMED', statusCode: 400, message: /'image' is not base64/ }, image)
  }
})

t.test('other JSON is refused, and nothing is dropped without a word', async t => {
  for (const body of [5, 'text', [], ['a'], {}, { image: 5 }, { image: null }, { Image: 'AAAA' }]) {
    await t.rejects(picturesOf(body), { statusCode: 400, code: 'SRV_REQUEST_INVALID', message: "body must be an object with the text 'image': a picture in base64." }, JSON.stringify(body))
  }
  await t.rejects(picturesOf({ image: 'AAAA', extra: 1 }), { statusCode: 400, code: 'SRV_REQUEST_INVALID', message: "body has an unknown field 'extra' beside 'image'." })
})

t.test('no body, or a form without a file, says how to send one', async t => {
  await t.rejects(picturesOf(undefined), { code: 'SRV_BODY_MISSING', message: /form file, as the raw body, or as base64/ })
  await t.rejects(picturesOf(form({}, { a: 'b' })), { code: 'SRV_FILE_MISSING' })
})
