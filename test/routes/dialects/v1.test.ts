import { Validator } from '@seriousme/openapi-schema-validator'
import { Ajv2020 } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import type { FastifyInstance } from 'fastify'
import t, { type Test } from 'tap'
import { expected, picture } from '../../fixtures/expected.ts'
import { modelFolder } from '../../fixtures/model.ts'
import { tokensCard, tokensModel } from '../../fixtures/tensors.ts'
import { build } from '../../helper.ts'

const FLOWERS = [[5.9, 3, 5.1, 1.8], { 'sepal length': 5, 'sepal width': 3.4, 'petal length': 1.5, 'petal width': 0.2 }]
const NAMES = ['virginica', 'setosa']
const photo = picture('rgb.png').toString('base64')

function asking (app: FastifyInstance, model: string) {
  return async (verb: string, body: unknown, headers: Record<string, string> = {}) => await app.inject({
    method: 'POST', url: `/v1/models/${model}:${verb}`, headers, ...body !== undefined && { payload: typeof body === 'string' || body instanceof Buffer ? body : JSON.stringify(body) }
  })
}

/** Whether an answer is what the OpenAPI document says. */
async function documentOf (app: FastifyInstance) {
  const document = (await app.inject('/openapi.json')).json()
  const ajv = addFormats.default(new Ajv2020({ strict: false }))
  ajv.addSchema(document, 'document')
  const faultOf = (method: string, path: string, { statusCode, body }: { statusCode: number, body: string }) => {
    const place = ['paths', path, method, 'responses', String(statusCode), 'content', 'application/json', 'schema']
    const validate = ajv.getSchema(`document#/${place.map(part => part.replaceAll('~', '~0').replaceAll('/', '~1')).map(encodeURIComponent).join('/')}`)
    if (!validate) return `${statusCode} is not documented`
    return validate(JSON.parse(body)) ? null : ajv.errorsText(validate.errors)
  }
  return { document, faultOf }
}

async function served (t: Test, settings: Record<string, string>) {
  const app = await build(t, settings)
  const { card: { name } } = app.model
  return { app, ask: asking(app, name), ...await documentOf(app) }
}

t.test('a table model', async t => {
  const { app, ask, document, faultOf } = await served(t, { MODEL_NAME: 'iris' })

  t.test('is listed, and is ready', async t => {
    const list = await app.inject('/v1/models')
    t.equal(list.headers['content-type'], 'application/json')
    t.same(list.json(), { models: ['iris'] })
    const ready = await app.inject('/v1/models/iris')
    t.same([ready.statusCode, ready.json()], [200, { name: 'iris', ready: true }])
    t.equal((await app.inject({ method: 'HEAD', url: '/v1/models/iris' })).statusCode, 200)
    t.equal(faultOf('get', '/v1/models', list), null)
    t.equal(faultOf('get', '/v1/models/{model}', ready), null)
  })

  t.test('answers each instance as POST /predict does', async t => {
    const native = (await app.inject({ method: 'POST', url: '/predict', payload: FLOWERS })).json()
    for (const body of [{ instances: FLOWERS }, { inputs: FLOWERS }, { inputs: { 'sepal length': [5.9, 5], 'sepal width': [3, 3.4], 'petal length': [5.1, 1.5], 'petal width': [1.8, 0.2] } }, { instances: FLOWERS, signature_name: 'serving_default', other: [] }]) {
      const response = await ask('predict', body)
      t.equal(response.statusCode, 200)
      t.equal(response.headers['content-type'], 'application/json')
      t.same(response.json(), { predictions: native.predictions })
      t.match(response.json().predictions, NAMES.map(species => ({ species })))
      t.equal(faultOf('post', '/v1/models/{model}:predict', response), null)
    }
  })

  t.test('reads JSON whatever its Content-Type', async t => {
    for (const type of ['application/json', 'application/json; charset=utf-8', 'application/x-www-form-urlencoded', 'application/octet-stream', 'text/plain', 'multipart/form-data; boundary=a']) {
      t.equal((await ask('predict', { instances: FLOWERS }, { 'content-type': type })).statusCode, 200, type)
    }
    const none = await app.inject({ method: 'POST', url: '/v1/models/iris:predict', payload: Buffer.from(JSON.stringify({ instances: FLOWERS })) })
    t.equal(none.statusCode, 200)
  })

  t.test('reads a large body in pieces, and answers it in order', async t => {
    const instances = Array.from({ length: 10_000 }, (_, at) => FLOWERS[at % 2])
    const { predictions } = (await ask('predict', { instances })).json()
    t.same(predictions.map(({ species }: { species: string }) => species), instances.map((_, at) => NAMES[at % 2]))
  })

  t.test('explains one instance', async t => {
    const native = (await app.inject({ method: 'POST', url: '/explain', payload: FLOWERS[0]! })).json()
    const response = await ask('explain', { instances: FLOWERS.slice(0, 1) })
    t.equal(response.headers['content-type'], 'application/json')
    t.same(response.json(), { predictions: [{ species: native.species, probability: native.probability, index: 2 }], explanations: [native] })
    t.equal(faultOf('post', '/v1/models/{model}:explain', response), null)
    t.match((await ask('explain', { instances: FLOWERS })).json(), { error: /one instance at a time/ })
  })

  t.test('answers every mistake in the shape of the protocol: one text, and JSON without a charset', async t => {
    const mistakes: Array<[unknown, number, RegExp]> = [
      ['{', 400, /^The body is not JSON/],
      [undefined, 400, /no body; send \{"instances"/],
      ['null', 400, /no body/],
      [{ instances: [] }, 400, /empty list/],
      [{ instances: [[1, 2]] }, 400, /^instance 1 has 2 values; the model takes 4/],
      [{ instances: [['5.9', 3, 5.1, 1.8]] }, 400, /^instance 1: 'sepal length' is the text "5.9", not a number/],
      [{ instances: Array.from({ length: 16_385 }, () => [1, 2, 3, 4]) }, 413, /more than 16384 inputs/],
      [`[${'['.repeat(70_000)}`, 413, /inside one another/],
      [`{"instances":[${'[],'.repeat(200_000)}1]}`, 413, /more than 147556 values/]
    ]
    for (const verb of ['predict', 'explain']) {
      for (const [body, status, error] of mistakes) {
        const response = await ask(verb, body)
        t.equal(response.statusCode, status, String(error))
        t.equal(response.headers['content-type'], 'application/json')
        t.match(response.json(), { error })
        t.same(Object.keys(response.json()), ['error'])
        t.equal(faultOf('post', `/v1/models/{model}:${verb}`, response), null)
      }
    }
    t.match((await ask('predict', { instances: FLOWERS }, { 'x-deadline-ms': '0' })).json(), { error: /x-deadline-ms/ })
    t.match((await ask('predict', { instances: FLOWERS }, { 'content-encoding': 'br' })).json(), { error: /Content-Encoding 'br'/ })
  })

  t.test('another model is unknown, before a body is read, and so is every other path below', async t => {
    for (const verb of ['predict', 'explain']) {
      const response = await asking(app, 'iris2')(verb, '{')
      t.same([response.statusCode, response.json()], [404, { error: "There is no model 'iris2'; this service serves 'iris'." }])
    }
    for (const url of ['/v1/models/iris2', '/v1', '/v1/', '/v1/model', '/v1/models/iris/versions/1']) {
      const response = await app.inject(url)
      t.equal(response.statusCode, 404, url)
      t.equal(response.headers['content-type'], 'application/json', url)
      t.same(Object.keys(response.json()), ['error'], url)
    }
    t.equal((await ask('classify', { instances: FLOWERS })).statusCode, 404)
    const wrong = await app.inject('/v1/models/iris:predict')
    t.same([wrong.statusCode, wrong.headers.allow, wrong.json()], [405, 'POST', { error: 'GET is not allowed on /v1/models/iris:predict; use POST.' }])
    t.match((await app.inject('/v2x')).json(), { statusCode: 404 }, 'paths of others are answered in their own shape')
  })

  t.test("is documented under the protocol's tag, with its name, and with examples that run", async t => {
    t.match(await new Validator().validate(document), { valid: true })
    const paths = Object.keys(document.paths).filter(path => path.startsWith('/v1'))
    t.same(paths, ['/v1/models', '/v1/models/{model}', '/v1/models/{model}:predict', '/v1/models/{model}:explain'])
    for (const path of paths.slice(1)) {
      const { tags, parameters: [parameter] } = document.paths[path].get ?? document.paths[path].post
      t.same(tags, ['KServe V1'])
      t.match(parameter, { name: 'model', in: 'path', schema: { enum: ['iris'], default: 'iris' } })
    }
    const { schema } = document.paths['/v1/models/{model}:predict'].post.requestBody.content['application/json']
    t.equal((await ask('predict', { instances: schema.properties.instances.items.examples })).statusCode, 200)
  })

  t.test('counts in the metrics under the name of the dialect', async t => {
    const { body } = await app.inject('/metrics')
    t.match(body, /servery_predictions_total\{label="setosa",dialect="v1"\} [1-9]/)
    t.match(body, /servery_http_request_duration_seconds_count\{method="POST",route="[^"]*:predict",status="400",dialect="v1"\} [1-9]/)
  })

  t.test('is not ready while the service drains, and says so', async t => {
    app.drain()
    const response = await app.inject('/v1/models/iris')
    t.equal(response.statusCode, 503)
    t.match(response.json(), { error: /shutting down/, name: 'iris', ready: false })
    t.ok(Number(response.headers['retry-after']) >= 1)
    t.equal(faultOf('get', '/v1/models/{model}', response), null)
    t.equal((await app.inject('/v1/models')).statusCode, 200)
  })
})

t.test('a picture model takes files in base64, and the tensors that a client has made of them', async t => {
  const { app, ask, document, faultOf } = await served(t, { MODEL_NAME: 'tensorfood', TOP_K: '2' })
  const { label, probability } = expected.pictures['rgb.png']!
  const response = await ask('predict', { instances: [photo, { b64: photo }, { image: photo }, { image_bytes: { b64: photo } }] })
  t.equal(response.statusCode, 200)
  const { predictions } = response.json()
  t.equal(predictions.length, 4)
  for (const prediction of predictions) {
    t.equal(prediction.food, label)
    t.ok(Math.abs(prediction.probability - probability) < 1e-4)
    t.equal(prediction.top.length, 2)
  }
  t.equal(faultOf('post', '/v1/models/{model}:predict', response), null)

  const { input } = app.model.card
  t.match(input, { layout: 'NHWC', width: 64, height: 64 })
  const grey = Array.from({ length: 64 }, () => Array.from({ length: 64 }, () => [100, 100, 100]))
  const mixed = await ask('predict', { instances: [grey, { b64: photo }] })
  t.equal(mixed.statusCode, 200)
  t.match(mixed.json().predictions[1], { food: label })
  const { outputs } = await app.model.infer({ image: { dtype: 'uint8', shape: [1, 64, 64, 3], data: new Uint8Array(64 * 64 * 3).fill(100) } }, { deadline: 60_000 })
  t.match(mixed.json().predictions[0], { food: [...await app.model.predictionsOf(outputs)].map(prediction => 'first' in prediction && prediction.first.label)[0] })

  t.match((await ask('explain', { instances: [{ b64: photo }] })).json(), { predictions: [{ food: label }], explanations: [{ food: label, overlay: /^data:image\/png/ }] })
  t.match((await ask('explain', { instances: [grey] })).json(), { error: /send the file of the picture/ })
  const bad = await ask('predict', { instances: [{ b64: photo }, { b64: photo.slice(0, 400) }] })
  t.equal(bad.statusCode, 400, 'a 422 elsewhere')
  t.match(bad.json(), { error: /^instance 2 is a damaged or truncated image/ })
  t.equal((await ask('predict', { instances: [{ b64: Buffer.from('hello').toString('base64') }] })).statusCode, 415)
  const { schema } = document.paths['/v1/models/{model}:predict'].post.requestBody.content['application/json']
  t.equal((await ask('predict', { instances: schema.properties.instances.items.examples })).statusCode, 200)
})

t.test('a model of plain tensors takes rows, answers with rows, and explains nothing', async t => {
  const card = { ...tokensCard, output: { kind: 'tensors' }, labels: [] }
  const { ask, document, faultOf } = await served(t, { MODEL_PATH: modelFolder(t, { card, model: tokensModel }) })
  const instances = [{ tokens: [1, 2, 3], attention_mask: [1, 0, 1] }, { tokens: [4, 5, 6], attention_mask: [0.5, 1, 1] }]
  const response = await ask('predict', { instances })
  t.same(response.json(), { predictions: [[1, 0, 3], [2, 5, 6]] })
  t.equal(faultOf('post', '/v1/models/{model}:predict', response), null)
  t.same((await ask('predict', { inputs: { tokens: [[1, 2, 3], [4, 5, 6]], attention_mask: [[1, 0, 1], [0.5, 1, 1]] } })).json(), { predictions: [[1, 0, 3], [2, 5, 6]] })
  const none = await ask('explain', { instances })
  t.equal(none.statusCode, 404)
  t.match(none.json(), { error: /no explanation of 'tokens'/ })
  t.notOk('/v1/models/{model}:explain' in document.paths)
  t.match(await new Validator().validate(document), { valid: true })
})

t.test('keys and rate limits are for questions alone', async t => {
  const app = await build(t, { MODEL_NAME: 'iris', API_KEYS: 'me:0123456789abcdef0123456789abcdef', RATE_LIMIT: '2' })
  const ask = asking(app, 'iris')
  for (const verb of ['predict', 'explain']) {
    const response = await ask(verb, { instances: FLOWERS })
    t.equal(response.statusCode, 401)
    t.equal(response.headers['www-authenticate'], 'Bearer')
    t.match(response.json(), { error: /needs an API key/ })
  }
  const key = { authorization: 'Bearer 0123456789abcdef0123456789abcdef' }
  const statuses = []
  for (let at = 0; at < 3; at++) statuses.push((await ask('predict', { instances: FLOWERS }, key)).statusCode)
  t.same(statuses, [200, 200, 429])
  for (const url of ['/v1/models', '/v1/models/iris']) t.equal((await app.inject(url)).statusCode, 200)
})

t.test('a full queue is a 503 with Retry-After', async t => {
  const app = await build(t, { MODEL_NAME: 'tensorfood', QUEUE_LIMIT: '1' })
  const busy = app.model.predict([{ name: 'a', bytes: picture('rgb.png') }], { topK: 1, deadline: 60_000 })
  const response = await asking(app, 'tensorfood')('predict', { instances: [{ b64: photo }] })
  t.equal(response.statusCode, 503)
  t.match(response.json(), { error: /Over capacity/ })
  t.ok(Number(response.headers['retry-after']) >= 1)
  await busy
})

t.test('DIALECTS=none leaves the protocol out', async t => {
  const app = await build(t, { MODEL_NAME: 'iris', DIALECTS: 'none' })
  t.match((await app.inject('/v1/models')).json(), { statusCode: 404, code: 'SRV_NOT_FOUND' })
  t.notOk('/v1/models' in (await app.inject('/openapi.json')).json().paths)
})
