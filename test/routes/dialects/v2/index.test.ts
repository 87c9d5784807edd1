import t from 'tap'
import { listen } from '../../../sockets.ts'
import { build } from '../../../helper.ts'

const INFER = '/v2/models/iris/infer'

t.test('every error is a text in the field error, as application/json without a charset', async t => {
  const app = await build(t, { MODEL_NAME: 'iris', UPLOAD_LIMIT: '10000' })
  const cases: Array<[method: 'GET' | 'POST' | 'DELETE', url: string, status: number, error: RegExp, headers?: Record<string, string>, payload?: string]> = [
    ['GET', '/v2/nothing', 404, /There is no GET \/v2\/nothing/],
    ['GET', '/v2/models/iris/', 404, /There is no GET/],
    ['GET', '/v2/models/wine', 404, /There is no model 'wine'; this service serves 'iris'/],
    ['GET', '/v2/models/a%2Fb', 404, /There is no model 'a\/b'/],
    ['GET', '/v2/models/..%2Fx/versions/1', 404, /There is no model/],
    ['GET', '/v2/models/iris/versions/2', 404, /There is no version '2'/],
    ['POST', '/v2/models/wine/infer', 404, /There is no model 'wine'/, {}, '{'],
    ['POST', '/v2/models/iris/versions/9/infer', 404, /There is no version '9'/, {}, '{'],
    ['GET', INFER, 405, /use POST/],
    ['DELETE', '/v2/models/iris', 405, /use GET or HEAD/],
    ['POST', '/v2/health/live', 405, /use GET or HEAD/],
    ['POST', INFER, 413, /over the limit of 10000 bytes/, {}, '['.repeat(10_001)],
    ['POST', INFER, 415, /Content-Encoding 'br'/, { 'content-encoding': 'br' }, '{}'],
    ['POST', INFER, 400, /send a JSON object/],
    ['POST', INFER, 400, /x-deadline-ms/, { 'x-deadline-ms': '0' }, '{}'],
    ['POST', INFER, 400, /takes 'X' of FP32/, {}, '{"inputs":[]}']
  ]
  for (const [method, url, status, error, headers = {}, payload] of cases) {
    const answer = await app.inject({ method, url, headers, ...payload !== undefined && { payload } })
    t.equal(answer.statusCode, status, `${method} ${url} ${status}`)
    t.equal(answer.headers['content-type'], 'application/json', `${method} ${url}`)
    t.match(answer.json(), { error }, `${method} ${url}`)
    t.same(Object.keys(answer.json()), ['error'])
  }
})

t.test('a body is read whatever its Content-Type says', async t => {
  const app = await build(t, { MODEL_NAME: 'iris' })
  await listen(t, app)
  const body = Buffer.from('{"inputs":[{"name":"X","datatype":"FP32","shape":[1,4],"data":[5.9,3,5.1,1.8]}]}')
  for (const type of ['application/json', 'application/octet-stream', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', 'text/x-anything']) {
    t.equal((await app.inject({ method: 'POST', url: INFER, headers: { 'content-type': type }, payload: body })).statusCode, 200, type)
  }
  const plain = await fetch(`${app.listeningOrigin}${INFER}`, { method: 'POST', body })
  t.equal(plain.status, 200, 'no Content-Type')
  t.equal(plain.headers.get('content-type'), 'application/json')
})

t.test('keys and rate limits hold for inference, and probes and metadata stay open', async t => {
  const app = await build(t, { MODEL_NAME: 'iris', API_KEYS: 'a:0123456789abcdef', RATE_LIMIT: '1' })
  const payload = '{"inputs":[{"name":"X","datatype":"FP32","shape":[1,4],"data":[5.9,3,5.1,1.8]}]}'
  const headers = { authorization: 'Bearer 0123456789abcdef' }
  t.match((await app.inject({ method: 'POST', url: INFER, payload })).json(), { error: /needs an API key/ })
  t.equal((await app.inject({ method: 'POST', url: INFER, headers, payload })).statusCode, 200)
  const refused = await app.inject({ method: 'POST', url: INFER, headers, payload })
  t.equal(refused.statusCode, 429)
  t.match(refused.json(), { error: /over the limit of 1 a minute/ })
  t.ok(refused.headers['retry-after'])
  for (const url of ['/v2', '/v2/health/ready', '/v2/models/iris', '/v2/models/iris/ready', '/v2/models/iris/stats']) t.equal((await app.inject(url)).statusCode, 200, url)
})

t.test('the OpenAPI document has the dialect, with the names of this model', async t => {
  const app = await build(t, { MODEL_NAME: 'iris' })
  const { paths } = (await app.inject('/openapi.json')).json<{ paths: Record<string, Record<string, { tags: string[], responses: object, parameters?: Array<{ name: string, schema: object }>, requestBody?: { content: Record<string, { example?: unknown }> } }>> }>()
  const routes = Object.entries(paths).filter(([path]) => path.startsWith('/v2'))
  t.equal(routes.length, 18)
  for (const [path, methods] of routes) for (const { tags } of Object.values(methods)) t.same(tags, ['Open Inference Protocol'], path)
  const { post } = paths['/v2/models/{model}/versions/{version}/infer']!
  t.match(post?.parameters, [{ name: 'model', schema: { enum: ['iris'] } }, { name: 'version', schema: { enum: ['1'] } }, { name: 'x-deadline-ms' }, { name: 'inference-header-content-length' }])
  t.same(Object.keys(post?.responses ?? {}), ['200', '400', '401', '404', '413', '415', '429', '503', '504'])
  const { example } = post?.requestBody?.content['application/json'] ?? {}
  t.equal((await app.inject({ method: 'POST', url: INFER, payload: JSON.stringify(example) })).statusCode, 200, 'its example runs')
})

t.test('without the dialect there is no such path', async t => {
  const app = await build(t, { MODEL_NAME: 'iris', DIALECTS: 'none' })
  const answer = await app.inject('/v2')
  t.equal(answer.statusCode, 404)
  t.match(answer.json(), { code: 'SRV_NOT_FOUND' })
})
