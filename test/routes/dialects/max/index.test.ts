import { readFileSync } from 'node:fs'
import { Validator } from '@seriousme/openapi-schema-validator'
import type { InjectOptions } from 'fastify'
import t from 'tap'
import { projectFile } from '../../../../lib/project.ts'
import { slowPicture } from '../../../fixtures/expected.ts'
import { echoCard, modelFolder } from '../../../fixtures/model.ts'
import { onnxFile } from '../../../fixtures/onnx.ts'
import { tokensCard, tokensModel } from '../../../fixtures/tensors.ts'
import { build, form } from '../../../helper.ts'

const json = { 'content-type': 'application/json' }
const shirt = readFileSync(projectFile('models/fashion-mnist/samples/shirt.png'))
const bag = readFileSync(projectFile('models/fashion-mnist/samples/bag.png'))
const MISSING = { errors: { file: 'Missing required parameter in an uploaded file' }, message: 'Input payload validation failed' }

t.test('a model of pictures', async t => {
  const app = await build(t, { MODEL_NAME: 'fashion-mnist', CORS_ENABLE: 'true', UPLOAD_LIMIT: '100000' })
  const post = async (payload?: string | Buffer | FormData, headers: Record<string, string> = {}) => await app.inject({ method: 'POST', url: '/model/predict', headers, ...payload !== undefined && { payload } })

  await t.test('answers the most probable label of each file, in the words of the seed and of the framework', async t => {
    const response = await post(form({ name: 'a.png', bytes: shirt }, { field: 'other', name: 'b.png', bytes: bag }, { name: 'c.png', bytes: bag }))
    t.equal(response.headers['content-type'], 'application/json')
    const { status, predictions } = response.json()
    t.equal(status, 'ok')
    // The card's samples say what the model answers.
    t.same(predictions.map(({ probability, ...rest }: { probability: number }) => rest), [
      { prediction: 'T-shirt/top', label_id: '0', label: 'T-shirt/top' }, { prediction: 'Bag', label_id: '8', label: 'Bag' }
    ])
    t.ok(Math.abs(predictions[0].probability - 0.9339) < 0.02)
    t.ok(Math.abs(predictions[1].probability - 0.9367) < 0.02)
  })

  await t.test('also takes the other bodies of /predict', async t => {
    t.match((await post(shirt, { 'content-type': 'image/png' })).json(), { status: 'ok', predictions: [{ prediction: 'T-shirt/top' }] })
    t.match((await post(JSON.stringify({ image: bag.toString('base64') }), json)).json(), { status: 'ok', predictions: [{ prediction: 'Bag' }] })
  })

  await t.test('answers a request without a file as flask-restx does', async t => {
    const withText = new FormData()
    withText.append('file', 'text')
    for (const [payload, type] of [[form({ field: 'image', name: 'a.png', bytes: shirt })], [withText], [undefined], ['null', json['content-type']]] as const) {
      const response = await post(payload, type ? { 'content-type': type } : {})
      t.equal(response.statusCode, 400)
      t.equal(response.headers['content-type'], 'application/json')
      t.same(response.json(), MISSING)
    }
  })

  await t.test('answers every other error with a status and a message', async t => {
    const mistakes: Array<[request: InjectOptions, status: number, message: RegExp]> = [
      [{ method: 'POST', url: '/model/predict', payload: form({ name: 'a.png', bytes: Buffer.from('no picture') }) }, 415, /^file 'a\.png' is /],
      [{ method: 'POST', url: '/model/predict', payload: form({ name: 'a.png', bytes: shirt.subarray(0, 200) }) }, 422, /^file 'a\.png' is a damaged or truncated image/],
      [{ method: 'POST', url: '/model/predict', payload: form({ name: 'a.png', bytes: Buffer.alloc(0) }) }, 400, /^file 'a\.png' is empty/],
      [{ method: 'POST', url: '/model/predict', payload: Buffer.alloc(200_000), headers: { 'content-type': 'image/png' } }, 413, /over the limit of 100000 bytes/],
      [{ method: 'POST', url: '/model/predict', payload: 'a', headers: { 'content-type': 'text/plain' } }, 415, /^Content-Type 'text\/plain' is not supported/],
      [{ method: 'POST', url: '/model/predict', payload: '{', headers: json }, 400, /JSON/],
      [{ method: 'POST', url: '/model/predict', payload: shirt, headers: { 'content-type': 'image/png', 'x-deadline-ms': '0' } }, 400, /x-deadline-ms/],
      [{ method: 'POST', url: '/model/predict', payload: shirt, headers: { 'content-type': 'image/png', 'content-encoding': 'gzip' } }, 415, /Content-Encoding/],
      [{ method: 'POST', url: '/model/predict', payload: await slowPicture(1000, 1000), headers: { 'content-type': 'image/png', 'x-deadline-ms': '1' } }, 504, /within 1 ms/],
      [{ method: 'GET', url: '/model/predict' }, 405, /^GET is not allowed on \/model\/predict; use POST/],
      [{ method: 'POST', url: '/model/labels' }, 405, /use GET/],
      [{ method: 'GET', url: '/model/nothing' }, 404, /^There is no GET \/model\/nothing/],
      [{ method: 'GET', url: '/model' }, 404, /^There is no GET \/model;/]
    ]
    for (const [request, status, message] of mistakes) {
      const response = await app.inject(request)
      t.equal(response.statusCode, status, String(message))
      t.equal(response.headers['content-type'], 'application/json')
      t.match(response.json(), { status: 'error', message })
      t.same(Object.keys(response.json()).sort(), ['message', 'status'])
    }
  })

  await t.test('CORS_ENABLE lets the page of any origin ask, as kubernetes_template.yaml sets it', async t => {
    const headers = { origin: 'http://pages.example' }
    t.equal((await app.inject({ url: '/model/metadata', headers })).headers['access-control-allow-origin'], '*')
    t.equal((await post(form({ name: 'a.png', bytes: shirt }), headers)).headers['access-control-allow-origin'], '*')
    const preflight = await app.inject({ method: 'OPTIONS', url: '/model/predict', headers: { ...headers, 'access-control-request-method': 'POST' } })
    t.equal(preflight.statusCode, 204)
    t.equal(preflight.headers['access-control-allow-origin'], '*')
  })

  await t.test('lists its labels, and its documents are valid and say what it answers', async t => {
    const labels = (await app.inject('/model/labels')).json()
    t.equal(labels.count, 10)
    t.same(labels.labels[9], { id: '9', name: 'Ankle boot' })
    const swagger = (await app.inject({ url: '/swagger.json', headers: { 'x-forwarded-prefix': '/clothes' } })).json()
    t.equal(swagger.basePath, '/clothes')
    t.equal((await app.inject('/swagger.json')).json().basePath, '/')
    const validator = new Validator()
    t.match(await validator.validate(swagger), { valid: true })
    t.equal(validator.version, '2.0')
    const document = (await app.inject('/openapi.json')).json()
    t.match(await new Validator().validate(document), { valid: true })
    const { requestBody, responses } = document.paths['/model/predict'].post
    t.match(requestBody.content['multipart/form-data'].schema, { required: ['file'], properties: { file: { format: 'binary' } } })
    t.equal(responses['422'].content['application/json'].schema.$ref, '#/components/schemas/MaxError')
    const { schema, example, examples = [] } = requestBody.content['application/json']
    t.equal((await post(JSON.stringify(example ?? examples[0] ?? schema.example), json)).statusCode, 200, 'the example runs')
  })

  await t.test('counts under its own dialect', async t => {
    const { body } = await app.inject('/metrics')
    t.match(body, /servery_http_request_duration_seconds_count\{method="POST",route="\/model\/predict",status="200",dialect="max"\} [1-9]/)
    t.match(body, /servery_predictions_total\{label="Bag",dialect="max"\} [1-9]/)
    t.match((await post(form({ name: 'a.png', bytes: shirt }))).headers['server-timing'], /infer;dur=/)
  })
})

t.test('a model of rows takes rows, and a CSV file in the form', async t => {
  const app = await build(t, { MODEL_NAME: 'iris' })
  const post = async (payload: string | FormData, type?: string) => (await app.inject({ method: 'POST', url: '/model/predict', payload, ...type && { headers: { 'content-type': type } } })).json()
  const virginica = { prediction: 'virginica', probability: Number, label_id: '2', label: 'virginica' }
  t.match(await post('[5.9,3,5.1,1.8]', json['content-type']), { status: 'ok', predictions: [virginica] })
  t.match(await post('5.9,3,5.1,1.8\n5,3.4,1.5,0.2\n', 'text/csv'), { predictions: [virginica, { prediction: 'setosa', label_id: '0' }] })
  t.match(await post(form({ name: 'rows.csv', bytes: Buffer.from('5.9,3,5.1,1.8\n') })), { predictions: [virginica] })
  const fields = new FormData()
  for (const [name, value] of Object.entries({ 'sepal length': '5.9', 'sepal width': '3', 'petal length': '5.1', 'petal width': '1.8' })) fields.append(name, value)
  t.match(await post(fields), { predictions: [virginica] })
  t.match(await post('{"sepal length":"a"}', json['content-type']), { status: 'error', message: /sepal/ })
  const many = await post(JSON.stringify(Array.from({ length: 3000 }, (_, at) => at % 2 ? [5.9, 3, 5.1, 1.8] : [5, 3.4, 1.5, 0.2])), json['content-type'])
  t.same(many.predictions.map(({ prediction }: { prediction: string }) => prediction), Array.from({ length: 3000 }, (_, at) => at % 2 ? 'virginica' : 'setosa'))
  t.match((await app.inject('/model/metadata')).json(), { id: 'iris', type: 'Tabular Classification' })
})

t.test('every kind of answer has its prediction', async t => {
  const x = [['x', 'float32', ['batch', 2]]] as const
  const first = onnxFile([...x], [['one', 'float32', ['batch', 1]]], [{ op: 'Gather', from: ['x', 'first'], to: 'one', attributes: { axis: 1 } }], { first: [0] })
  const least = onnxFile([...x], [['z', 'int64', ['batch']]], [{ op: 'ArgMin', from: ['x'], to: 'z', attributes: { axis: 1, keepdims: 0 } }])
  const kinds: Array<[card: object, model: Uint8Array | undefined, prediction: object]> = [
    [{ output: { kind: 'value', tensor: 'one' }, labels: [] }, first, { prediction: 0.5 }],
    [{ output: { kind: 'label', label: 'z', classes: [0, 1] } }, least, { prediction: 'high', label_id: '1', label: 'high' }],
    [{ output: { kind: 'label', label: 'z' }, labels: [] }, least, { prediction: '1', label: '1' }],
    [{ output: { kind: 'labels', tensor: 'y', activation: 'none' } }, undefined, { prediction: 'wide', probability: 0.5, label_id: '0', label: 'wide' }],
    [{ output: { kind: 'tensors' }, labels: [] }, undefined, { prediction: { y: [[0.5, 0.25]] } }]
  ]
  for (const [card, model, prediction] of kinds) {
    const app = await build(t, { MODEL_PATH: modelFolder(t, { card: { ...echoCard, ...card }, ...model && { model } }), WORKERS: '0' })
    const response = await app.inject({ method: 'POST', url: '/model/predict', payload: '[0.5,0.25]', headers: json })
    t.same(response.json(), { status: 'ok', predictions: [prediction] })
    const document = (await app.inject('/swagger.json')).json()
    t.match(await new Validator().validate(document), { valid: true })
    t.same(Object.keys(document.definitions.ModelPredictResponse.properties.predictions.items.properties).filter(key => key in prediction), Object.keys(prediction))
    t.match(await new Validator().validate((await app.inject('/openapi.json')).json()), { valid: true })
  }
})

t.test('a model of plain tensors takes them', async t => {
  const app = await build(t, { MODEL_PATH: modelFolder(t, { card: tokensCard, model: tokensModel }) })
  const payload = JSON.stringify({ inputs: { tokens: [[1, 9, 2]], attention_mask: [[1, 1, 1]] } })
  t.match((await app.inject({ method: 'POST', url: '/model/predict', payload, headers: json })).json(), { status: 'ok', predictions: [{ prediction: 'b', label_id: '1' }] })
})

t.test('predictions need a key where keys are wanted, and what describes the model is open', async t => {
  const app = await build(t, { MODEL_NAME: 'iris', API_KEYS: 'laboratory:correct-horse-battery' })
  const ask = { method: 'POST', url: '/model/predict', payload: '[5.9,3,5.1,1.8]' } as const
  const refused = await app.inject({ ...ask, headers: json })
  t.equal(refused.statusCode, 401)
  t.match(refused.json(), { status: 'error', message: /API key/ })
  t.equal((await app.inject({ ...ask, headers: { ...json, 'x-api-key': 'correct-horse-battery' } })).statusCode, 200)
  for (const url of ['/model/metadata', '/model/labels', '/swagger.json']) t.equal((await app.inject(url)).statusCode, 200, url)
  t.match((await app.inject('/swagger.json')).json(), { securityDefinitions: { key: { type: 'apiKey', in: 'header', name: 'x-api-key' } }, paths: { '/model/predict': { post: { security: [{ key: [] }], responses: { 401: {} } } } } })
})

t.test('DIALECTS leaves it out', async t => {
  const app = await build(t, { MODEL_NAME: 'iris', DIALECTS: 'v2' })
  for (const url of ['/model/metadata', '/swagger.json']) t.equal((await app.inject(url)).statusCode, 404, url)
})
