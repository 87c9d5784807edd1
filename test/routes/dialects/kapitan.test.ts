import { Validator } from '@seriousme/openapi-schema-validator'
import { parse } from 'csv-parse/sync'
import type { InjectOptions } from 'fastify'
import sharp from 'sharp'
import t from 'tap'
import { projectFile } from '../../../lib/project.ts'
import { expected, picture, slowPicture } from '../../fixtures/expected.ts'
import { echoCard, modelFolder, smallPicture } from '../../fixtures/model.ts'
import { onnxFile } from '../../fixtures/onnx.ts'
import { tokensCard, tokensModel } from '../../fixtures/tensors.ts'
import { build, form } from '../../helper.ts'

const url = '/api/v1/model/predict'
const png = picture('rgb.png')

/** What FastAPI answers to a form without its field. */
const missing = (field: string) => ({ detail: [{ type: 'missing', loc: ['body', field], msg: 'Field required', input: null }] })

const csv = (text: string, { name = 'rows.csv', field = 'csv_file' } = {}) => form({ field, name, bytes: Buffer.from(text) })

t.test('a model of pictures', async t => {
  const app = await build(t, { PRED_MODEL_UUID: '0123abcd', CORS_ORIGINS: 'http://pages.example', UPLOAD_LIMIT: '100000' })
  const { label, probability } = expected.pictures['rgb.png']!
  const index = app.model.card.labels.indexOf(label)

  await t.test('answers the index of the label as text for each image_file, and echoes its name', async t => {
    const payload = form({ field: 'image_file', name: 'album/a.png', bytes: png }, { field: 'other', name: 'b', bytes: png }, { field: 'image_file', name: 'grün.png', bytes: picture('grey.png') })
    const response = await app.inject({ method: 'POST', url, payload })
    t.equal(response.statusCode, 200)
    const grey = expected.pictures['grey.png']!.label
    const { data } = response.json()
    t.match(data, [
      { image_filename: 'album/a.png', prediction: String(index), label },
      { image_filename: 'grün.png', prediction: String(app.model.card.labels.indexOf(grey)), label: grey }
    ])
    t.equal(data.length, 2)
    t.ok(Math.abs(data[0].probability - probability) < 0.02)
    t.match(response.headers['server-timing'], /infer;dur=/)
  })

  await t.test('answers a request without its field as FastAPI does', async t => {
    const withText = new FormData()
    withText.append('image_file', 'text')
    const requests: InjectOptions[] = [
      {}, { payload: withText }, { payload: form({ field: 'file', name: 'a.png', bytes: png }) }, { payload: csv('a,b\n') },
      { payload: '{"image":""}', headers: { 'content-type': 'application/json' } }, { payload: png, headers: { 'content-type': 'image/png' } }
    ]
    for (const request of requests) {
      const response = await app.inject({ method: 'POST', url, ...request })
      t.equal(response.statusCode, 422)
      t.same(response.json(), missing('image_file'))
    }
  })

  await t.test('answers every other error with a detail, and none with 500', async t => {
    const send = (bytes: Uint8Array<ArrayBuffer>): InjectOptions => ({ method: 'POST', url, payload: form({ field: 'image_file', name: 'a.png', bytes }) })
    const mistakes: Array<[request: InjectOptions, status: number, detail: RegExp]> = [
      [send(Buffer.from('no picture')), 415, /^file 'a\.png' is /],
      [send(Buffer.from(png.subarray(0, 200))), 422, /^file 'a\.png' is a damaged or truncated image/],
      [send(Buffer.alloc(0)), 400, /^file 'a\.png' is empty/],
      [send(Buffer.alloc(150_000)), 413, /over the limit of 100000 bytes/],
      [{ method: 'POST', url, payload: 'a', headers: { 'content-type': 'text/plain' } }, 415, /^Content-Type 'text\/plain' is not supported/],
      [{ method: 'POST', url, payload: '{', headers: { 'content-type': 'application/json' } }, 400, /JSON/],
      [{ ...send(png), headers: { 'x-deadline-ms': 'soon' } }, 400, /x-deadline-ms/],
      [{ ...send(Buffer.from(await slowPicture(1000, 1000))), headers: { 'x-deadline-ms': '1' } }, 504, /within 1 ms/],
      [{ method: 'GET', url }, 405, /^Method Not Allowed$/],
      [{ method: 'POST', url: '/api/v1/model/version' }, 405, /^Method Not Allowed$/],
      [{ method: 'GET', url: '/api/v1/nothing' }, 404, /^Not Found$/]
    ]
    for (const [request, status, detail] of mistakes) {
      const response = await app.inject(request)
      t.equal(response.statusCode, status, String(detail))
      t.same(Object.keys(response.json()), ['detail'])
      t.match(response.json(), { detail })
    }
    t.equal((await app.inject(url)).headers.allow, 'POST')
  })

  await t.test('PRED_MODEL_UUID is its version', async t => {
    t.same((await app.inject('/api/v1/model/version')).json(), { data: { model_uuid: '0123abcd' } })
  })

  await t.test('CORS_ORIGINS echoes the origin, as FastAPI does', async t => {
    const headers = { origin: 'http://pages.example' }
    for (const response of [await app.inject({ url: '/api/v1/model/version', headers }), await app.inject({ method: 'POST', url, headers })]) {
      t.equal(response.headers['access-control-allow-origin'], 'http://pages.example')
    }
  })

  await t.test('has a document of its own routes', async t => {
    const document = (await app.inject({ url: '/api/v1/openapi.json', headers: { 'x-forwarded-prefix': '/food' } })).json()
    t.match(await new Validator().validate(document), { valid: true })
    t.same(Object.keys(document.paths).sort(), ['/api/v1/model/predict', '/api/v1/model/version', '/api/v1/openapi.json'])
    t.same(document.servers, [{ url: '/food' }])
    const { requestBody, responses } = document.paths[url].post
    t.match(requestBody.content, { 'multipart/form-data': { schema: { required: ['image_file'], properties: { image_file: { format: 'binary' } } } } })
    t.same(Object.keys(responses), ['200', '400', '401', '413', '415', '422', '429', '503', '504'])
    t.match(document.components.schemas.KapitanError, { required: ['detail'] })
  })

  await t.test('counts under its own dialect', async t => {
    t.match((await app.inject('/metrics')).body, /servery_http_request_duration_seconds_count\{method="POST",route="\/api\/v1\/model\/predict",status="200",dialect="kapitan"\} 1/)
  })
})

t.test('a model of rows answers CSV with the prediction as its last column', async t => {
  const app = await build(t, { PRED_MODEL_PATH: projectFile('models/iris'), API_KEYS: 'laboratory:correct-horse-battery' })
  const headers = { authorization: 'Bearer correct-horse-battery' }
  const post = async (payload: FormData) => await app.inject({ method: 'POST', url, payload, headers })
  const header = 'petal width,petal length,sepal width,sepal length,note'

  await t.test('under the name predictions.csv', async t => {
    const response = await post(csv(`${header}\n1.8,5.1,3,5.9,"a, b"\n0.2,1.5,3.4,5,\n`))
    t.equal(response.statusCode, 200)
    t.equal(response.headers['content-type'], 'text/csv; charset=utf-8')
    t.equal(response.headers['content-disposition'], 'attachment; filename="predictions.csv"')
    t.equal(response.body, `${header},prediction\n1.8,5.1,3,5.9,"a, b",virginica\n0.2,1.5,3.4,5,,setosa\n`)
  })

  await t.test('for a long file too, each row with its own', async t => {
    const rows = Array.from({ length: 5000 }, (_, at) => at % 3 ? '1.8,5.1,3,5.9,' : '0.2,1.5,3.4,5,')
    const answer: Array<Record<string, string>> = parse((await post(csv(`${[header, ...rows].join('\n')}\n`, { name: 'ROWS.CSV' }))).body, { columns: true })
    t.same(answer.map(({ prediction }) => prediction), rows.map(row => row.startsWith('1.8') ? 'virginica' : 'setosa'))
  })

  await t.test('and refuses what is no CSV', async t => {
    const other = await post(csv(`${header}\n`, { name: 'rows.xlsx' }))
    t.equal(other.statusCode, 400)
    t.same(other.json(), { detail: 'Only CSV files are supported' })
    t.same((await post(csv('1', { field: 'file' }))).json(), missing('csv_file'))
    const unusable = await post(csv('a,b\n1,2\n'))
    t.equal(unusable.statusCode, 422)
    t.match(unusable.json(), { detail: /lacks 'sepal length'/ })
  })

  await t.test('needs a key, and its version and document do not', async t => {
    const refused = await app.inject({ method: 'POST', url, payload: csv(`${header}\n`) })
    t.equal(refused.statusCode, 401)
    t.match(refused.json(), { detail: /API key/ })
    for (const path of ['/api/v1/model/version', '/api/v1/openapi.json']) t.equal((await app.inject(path)).statusCode, 200, path)
  })

  t.match((await app.inject('/api/v1/openapi.json')).json().paths[url].post.responses['200'].content, { 'text/csv': { schema: { type: 'string' } } })
})

t.test('a row that has a number or a text as its answer has it in the column', async t => {
  const x = [['x', 'float32', ['batch', 2]]] as const
  const first = onnxFile([...x], [['one', 'float32', ['batch', 1]]], [{ op: 'Gather', from: ['x', 'first'], to: 'one', attributes: { axis: 1 } }], { first: [0] })
  const least = onnxFile([...x], [['z', 'int64', ['batch']]], [{ op: 'ArgMin', from: ['x'], to: 'z', attributes: { axis: 1, keepdims: 0 } }])
  const kinds: Array<[card: object, model: Uint8Array | undefined, cell: string]> = [
    [{ output: { kind: 'value', tensor: 'one' }, labels: [] }, first, '0.5'],
    [{ output: { kind: 'label', label: 'z', classes: [0, 1] } }, least, 'high'],
    [{ output: { kind: 'labels', tensor: 'y', activation: 'none' } }, undefined, 'wide'],
    [{ output: { kind: 'tensors' }, labels: [] }, undefined, '{"y":[[0.5,0.25]]}']
  ]
  for (const [card, model, cell] of kinds) {
    const app = await build(t, { MODEL_PATH: modelFolder(t, { card: { ...echoCard, ...card }, ...model && { model } }), WORKERS: '0' })
    const { body } = await app.inject({ method: 'POST', url, payload: csv('width,height\n0.5,0.25\n') })
    t.same(parse(body), [['width', 'height', 'prediction'], ['0.5', '0.25', cell]])
  }
})

t.test('a picture without classes has its number as text, and one without an answer its tensors', async t => {
  const pixels: Parameters<typeof onnxFile> = [[['image', 'uint8', ['batch', 8, 8, 3]]], [['one', 'float32', ['batch', 1]]], [
    { op: 'Cast', from: ['image'], to: 'floats', attributes: { to: 1 } }, { op: 'Reshape', from: ['floats', 'flat'], to: 'all' }, { op: 'Gather', from: ['all', 'first'], to: 'one', attributes: { axis: 1 } }
  ], { flat: [0, 192], first: [0] }]
  const label: Parameters<typeof onnxFile> = [pixels[0], [['z', 'int64', ['batch']]], [
    ...pixels[2].slice(0, 2), { op: 'Gather', from: ['all', 'channels'], to: 'one', attributes: { axis: 1 } }, { op: 'ArgMax', from: ['one'], to: 'z', attributes: { axis: 1, keepdims: 0 } }
  ], { flat: [0, 192], channels: [0, 1, 2] }]
  const payload = form({ field: 'image_file', name: 'a.png', bytes: Buffer.from(await sharp({ create: { width: 8, height: 8, channels: 3, background: { r: 7, g: 9, b: 8 } } }).png().toBuffer()) })
  const kinds: Array<[card: object, model: Parameters<typeof onnxFile>, fields: object]> = [
    [{ output: { kind: 'value', tensor: 'one' }, labels: [] }, pixels, { prediction: '7' }],
    [{ output: { kind: 'tensors' }, labels: [] }, pixels, { prediction: { one: [[7]] } }],
    [{ output: { kind: 'label', label: 'z', classes: [0, 1, 2] }, labels: ['red', 'green', 'blue'] }, label, { prediction: '1', label: 'green' }],
    [{ output: { kind: 'label', label: 'z' }, labels: [] }, label, { prediction: '1', label: '1' }]
  ]
  for (const [card, model, fields] of kinds) {
    const app = await build(t, { MODEL_PATH: modelFolder(t, { card: { ...echoCard, input: smallPicture, ...card }, model: onnxFile(...model) }), WORKERS: '0' })
    t.same((await app.inject({ method: 'POST', url, payload })).json(), { data: [{ image_filename: 'a.png', ...fields }] })
    const document = (await app.inject('/api/v1/openapi.json')).json()
    t.same(Object.keys(document.paths[url].post.responses['200'].content['application/json'].schema.properties.data.items.properties), ['image_filename', ...Object.keys(fields)])
  }
})

t.test('a model of plain tensors has a version, and takes no form of the template', async t => {
  const app = await build(t, { MODEL_PATH: modelFolder(t, { card: tokensCard, model: tokensModel }) })
  t.same((await app.inject('/api/v1/model/version')).json(), { data: { model_uuid: '1' } })
  const response = await app.inject({ method: 'POST', url, payload: csv('1') })
  t.equal(response.statusCode, 404)
  t.same(response.json(), { detail: 'Not Found' })
})

t.test('DIALECTS leaves it out', async t => {
  const app = await build(t, { MODEL_NAME: 'iris', DIALECTS: 'none' })
  t.match((await app.inject('/api/v1/model/version')).json(), { statusCode: 404, code: 'SRV_NOT_FOUND' })
})
