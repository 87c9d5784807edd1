import t from 'tap'
import { expected, picture, slowPicture } from '../fixtures/expected.ts'
import { build, form } from '../helper.ts'

const app = await build(t, { UPLOAD_LIMIT: '100000', QUEUE_LIMIT: '8', PIXEL_LIMIT: '1000000' })
const { label } = expected.pictures['rgb.png']!
const png = picture('rgb.png')

function post (options: { payload?: string | Buffer | FormData, type?: string, query?: string }) {
  const { payload, type, query = '' } = options
  return app.inject({ method: 'POST', url: `/predict${query}`, ...(payload !== undefined && { payload }), ...(type && { headers: { 'content-type': type } }) })
}

t.test('a form with one file answers label, probability, index and the top five', async t => {
  const response = await post({ payload: form({ name: 'a.png', bytes: png }) })
  t.equal(response.statusCode, 200)
  t.equal(response.headers['content-type'], 'application/json; charset=utf-8')
  const body = response.json()
  t.same(Object.keys(body), ['food', 'probability', 'index', 'top', 'model', 'version'])
  t.equal(body.food, label)
  t.equal(body.index, app.model.card.labels.indexOf(label))
  t.equal(body.top.length, 5)
  t.same(body.top[0], { label, index: body.index, probability: body.probability })
  t.match(body, { model: 'tensorfood', version: app.model.card.version })
})

t.test('any field name will do, and the file name and its declared type are not believed', async t => {
  const response = await post({ payload: form({ field: 'image_file', name: 'notes.txt', bytes: png }) })
  t.equal(response.json().food, label)
})

t.test('several files answer a list in the same order', async t => {
  const response = await post({ payload: form({ name: 'a', bytes: png }, { name: 'b', bytes: picture('grey.png') }, { field: 'x', name: 'c', bytes: png }) })
  t.equal(response.statusCode, 200)
  const body = response.json()
  t.same(Object.keys(body), ['predictions', 'model', 'version'])
  t.same(body.predictions.map(({ food }: { food: string }) => food), [label, expected.pictures['grey.png']!.label, label])
})

t.test('the raw body is a picture, whatever image type it is declared as', async t => {
  for (const type of ['image/png', 'image/jpeg', 'image/x-unknown', 'application/octet-stream']) {
    const response = await post({ payload: png, type })
    t.equal(response.json().food, label, type)
  }
})

t.test('JSON carries a picture in base64', async t => {
  const response = await post({ payload: JSON.stringify({ image: png.toString('base64') }), type: 'application/json' })
  t.equal(response.json().food, label)
})

t.test('top_k sets how many labels are ranked', async t => {
  for (const [query, length] of [['?top_k=1', 1], ['?top_k=25', 25], ['', 5]] as const) {
    t.equal((await post({ payload: png, type: 'image/png', query })).json().top.length, length)
  }
})

const boundary = 'multipart/form-data; boundary=b'
const mistakes: Array<[string, Parameters<typeof post>[0], number, string, RegExp]> = [
  ['no body', {}, 400, 'SRV_BODY_MISSING', /no body; send an image/],
  ['an empty raw body', { payload: Buffer.alloc(0), type: 'image/png' }, 400, 'SRV_INPUT_EMPTY', /empty/],
  ['an empty file', { payload: form({ name: 'a.jpg', bytes: new Uint8Array() }) }, 400, 'SRV_INPUT_EMPTY', /'a\.jpg' is empty/],
  ['a form without a file', { payload: '--b\r\ncontent-disposition: form-data; name="a"\r\n\r\nb\r\n--b--\r\n', type: boundary }, 400, 'SRV_FILE_MISSING', /holds no file/],
  ['a form with no parts', { payload: '--b--\r\n', type: boundary }, 400, 'SRV_FILE_MISSING', /holds no file/],
  ['a wrong boundary', { payload: '--a\r\ncontent-disposition: form-data; name="a"; filename="a"\r\n\r\nb\r\n--a--\r\n', type: boundary }, 400, 'SRV_BODY_MALFORMED', /Unexpected end of multipart data/],
  ['a missing boundary', { payload: 'x', type: 'multipart/form-data' }, 400, 'SRV_BODY_MALFORMED', /Boundary not found/],
  ['a form cut off', { payload: '--b\r\ncontent-disposition: form-data; name="a"; filename="a"\r\n\r\nhalf', type: boundary }, 400, 'SRV_BODY_MALFORMED', /Unexpected end of multipart data/],
  ['a field named __proto__', { payload: form({ field: '__proto__', name: 'a', bytes: png }) }, 400, 'SRV_BODY_MALFORMED', /field name/],
  ['text called .jpg', { payload: form({ name: 'a.jpg', bytes: Buffer.from('hello') }) }, 415, 'SRV_IMAGE_UNSUPPORTED', /'a\.jpg' is not an image; send one of JPEG/],
  ['a Windows bitmap', { payload: picture('rgb.bmp'), type: 'image/bmp' }, 415, 'SRV_IMAGE_UNSUPPORTED', /BMP picture, which is not supported; save it as PNG/],
  ['an SVG', { payload: '<svg xmlns="http://www.w3.org/2000/svg"/>', type: 'image/svg+xml' }, 415, 'SRV_IMAGE_UNSUPPORTED', /not/],
  ['a form with one field twice', { payload: ['a', 'a'].reduce((form, name) => { form.append(name, 'x'); return form }, form({ name: 'a', bytes: png })) }, 400, 'SRV_BODY_MALFORMED', /two fields 'a'/],
  ['CSV for a model of pictures', { payload: '1,2', type: 'text/csv' }, 415, 'SRV_MEDIA_TYPE_UNSUPPORTED', /'text\/csv' is not supported; send multipart\/form-data, image/],
  ['plain text', { payload: 'hello', type: 'text/plain' }, 415, 'SRV_MEDIA_TYPE_UNSUPPORTED', /'text\/plain' is not supported; send multipart/],
  ['a URL-encoded form', { payload: 'a=b', type: 'application/x-www-form-urlencoded' }, 415, 'SRV_MEDIA_TYPE_UNSUPPORTED', /urlencoded/],
  ['a truncated JPEG', { payload: picture('rgb.jpg').subarray(0, 1500), type: 'image/jpeg' }, 422, 'SRV_IMAGE_CORRUPT', /damaged or truncated/],
  ['one bad file among good ones', { payload: form({ name: 'a', bytes: png }, { name: 'b.jpg', bytes: Buffer.from('x') }) }, 415, 'SRV_IMAGE_UNSUPPORTED', /file 2 of 2 'b\.jpg'/],
  ['JSON without the field', { payload: '{}', type: 'application/json' }, 400, 'SRV_REQUEST_INVALID', /an object with the text 'image'/],
  ['JSON with a number for a picture', { payload: '{"image":5}', type: 'application/json' }, 400, 'SRV_REQUEST_INVALID', /an object with the text 'image'/],
  ['JSON with an unknown field', { payload: '{"image":"aaaa","x":1}', type: 'application/json' }, 400, 'SRV_REQUEST_INVALID', /unknown field 'x'/],
  ['JSON that is not base64', { payload: '{"image":"!"}', type: 'application/json' }, 400, 'SRV_BODY_MALFORMED', /'image' is not base64/],
  ['JSON that does not parse', { payload: '{', type: 'application/json' }, 400, 'SRV_BODY_MALFORMED', /JSON/],
  ['JSON that is empty', { payload: '', type: 'application/json' }, 400, 'SRV_BODY_MISSING', /JSON/],
  ['top_k=0', { payload: png, type: 'image/png', query: '?top_k=0' }, 400, 'SRV_REQUEST_INVALID', /'top_k' must be >= 1/],
  ['top_k=abc', { payload: png, type: 'image/png', query: '?top_k=abc' }, 400, 'SRV_REQUEST_INVALID', /'top_k' must be integer/],
  ['top_k over the number of labels', { payload: png, type: 'image/png', query: '?top_k=26' }, 400, 'SRV_REQUEST_INVALID', /'top_k' must be <= 25/],
  ['a misspelt query', { payload: png, type: 'image/png', query: '?topk=1' }, 400, 'SRV_REQUEST_INVALID', /additional properties 'topk'/],
  ['a raw body over the limit', { payload: Buffer.alloc(100_001), type: 'image/png' }, 413, 'SRV_BODY_TOO_LARGE', /limit of 100000 bytes \(UPLOAD_LIMIT\)/],
  ['a file over the limit', { payload: form({ name: 'a', bytes: new Uint8Array(100_001) }) }, 413, 'SRV_BODY_TOO_LARGE', /limit of 100000 bytes/],
  ['files over the limit together', { payload: form({ name: 'a', bytes: new Uint8Array(60_000) }, { name: 'b', bytes: new Uint8Array(60_000) }) }, 413, 'SRV_BODY_TOO_LARGE', /limit of 100000 bytes/],
  ['more files than are let in', { payload: form(...Array.from({ length: 9 }, (_, at) => ({ name: `${at}`, bytes: png }))) }, 413, 'SRV_TOO_MANY_INPUTS', /more than 8 inputs/]
]

for (const [name, request, statusCode, code, message] of mistakes) {
  t.test(`${name} is a ${statusCode} that says what is wrong`, async t => {
    const response = await post(request)
    const body = response.json()
    t.same(Object.keys(body), ['statusCode', 'code', 'error', 'message'])
    t.match(body, { statusCode, code, message })
    t.equal(response.statusCode, statusCode)
    t.equal((await post({ payload: png, type: 'image/png' })).statusCode, 200, 'and the next good request is answered')
  })
}

t.test('a full queue is a 503 with Retry-After, before the body is read', async t => {
  // Their places are taken at once, and held until the last of them is answered.
  const predictions = app.model.predict(Array.from({ length: 8 }, (_, at) => ({ name: `${at}`, bytes: png })), { topK: 1, deadline: 60_000 })
  const response = await post({ payload: png, type: 'image/png' })
  await predictions
  t.match(response.json(), { statusCode: 503, code: 'SRV_QUEUE_FULL' })
  t.match(response.headers['retry-after'], /^[1-9]\d*$/)
})

t.test('x-deadline-ms shortens the deadline of one request', async t => {
  const slow = await slowPicture(1000, 1000)
  const post = (deadline: string, payload = png) => app.inject({ method: 'POST', url: '/predict', payload, headers: { 'content-type': 'image/png', 'x-deadline-ms': deadline } })
  t.match((await post('1', slow)).json(), { statusCode: 504, code: 'SRV_DEADLINE', message: /within 1 ms/ })
  t.equal((await post('10000')).statusCode, 200)
  t.match((await post('10001')).json(), { statusCode: 400, message: /'x-deadline-ms' must be <= 10000/ })
  t.match((await post('soon')).json(), { statusCode: 400, message: /'x-deadline-ms' must be integer/ })
})

t.test('Server-Timing says where the time went', async t => {
  const response = await post({ payload: png, type: 'image/png' })
  t.match(response.headers['server-timing'], /^receive;dur=[\d.]+, decode;dur=[\d.]+, queue;dur=[\d.]+, infer;dur=[\d.]+, total;dur=[\d.]+$/)
})

t.test('a browser that sends the form without JavaScript gets a page, and programs get JSON', async t => {
  const ask = async (accept: string) => await app.inject({ method: 'POST', url: '/predict', payload: png, headers: { 'content-type': 'image/png', accept } })
  const { headers, body, statusCode } = await ask('text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8')
  t.equal(statusCode, 200)
  t.equal(headers['content-type'], 'text/html; charset=utf-8')
  t.match(headers['content-security-policy'], "script-src 'self'")
  t.match(body, `<span class="label">${label.replaceAll('_', ' ')}</span>`)
  for (const accept of ['*/*', 'application/json', 'application/json, text/plain, */*']) t.equal((await ask(accept)).json().food, label, accept)
})
