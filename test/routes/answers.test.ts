import { Ajv2020 } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import type { FastifyInstance, LightMyRequestResponse } from 'fastify'
import t from 'tap'
import { picture, slowPicture } from '../fixtures/expected.ts'
import { build, form } from '../helper.ts'

/** A request, and the status that it is answered with. */
interface Asked {
  name: string
  method?: 'GET' | 'POST'
  url: string
  payload?: string | Buffer | FormData
  headers?: Record<string, string>
  status?: number
}

const photo = picture('rgb.jpg')
const large = await slowPicture()
const jpeg = { 'content-type': 'image/jpeg' }
const json = { 'content-type': 'application/json' }
const csv = { 'content-type': 'text/csv' }
const row = '[5.9,3,5.1,1.8]'
const table = 'sepal length,sepal width,petal length,petal width\n5.9,3,5.1,1.8\n5,3.4,1.5,0.2\n'

const PICTURES: Asked[] = ['/predict', '/explain'].flatMap(url => [
  { name: 'raw bytes', url, payload: photo, headers: jpeg },
  { name: 'octets', url, payload: photo, headers: { 'content-type': 'application/octet-stream' } },
  { name: 'base64 in JSON', url, payload: JSON.stringify({ image: photo.toString('base64') }), headers: json },
  { name: 'a form', url, payload: form({ name: 'a.jpg', bytes: photo }) },
  { name: 'no picture', url, payload: 'hello', headers: jpeg, status: 415 },
  { name: 'half a picture', url, payload: photo.subarray(0, 1500), headers: jpeg, status: 422 },
  { name: 'no body', url, status: 400 },
  { name: 'a deadline that is too short', url, payload: large, headers: { ...jpeg, 'x-deadline-ms': '1' }, status: 504 }
])
PICTURES.push(
  { name: 'one label', url: '/predict?top_k=1', payload: photo, headers: jpeg },
  { name: 'several files', url: '/predict', payload: form({ name: 'a.jpg', bytes: photo }, { name: 'b.png', bytes: picture('rgb.png') }) },
  { name: 'the index alone', url: '/predict', payload: photo, headers: { ...jpeg, accept: 'text/plain' } },
  { name: 'the overlay alone', url: '/explain', payload: photo, headers: { ...jpeg, accept: 'image/png' } }
)

const ROWS: Asked[] = ['/predict', '/explain'].flatMap(url => [
  { name: 'a list', url, payload: row, headers: json },
  { name: 'an object', url, payload: '{"sepal length":5.9,"sepal width":3,"petal length":5.1,"petal width":1.8}', headers: json },
  { name: 'one row of CSV', url, payload: '5.9,3,5.1,1.8', headers: csv },
  { name: 'text for a number', url, payload: '["5.9",3,5.1,1.8]', headers: json, status: 422 },
  { name: 'no JSON', url, payload: '{', headers: json, status: 400 },
  { name: 'a picture', url, payload: photo, headers: jpeg, status: 415 }
])
ROWS.push(
  { name: 'several rows', url: '/predict', payload: `[${row},${row}]`, headers: json },
  { name: 'instances', url: '/predict', payload: `{"instances":[${row}]}`, headers: json },
  { name: 'CSV', url: '/predict', payload: table, headers: csv },
  { name: 'CSV answered as CSV', url: '/predict', payload: table, headers: { ...csv, accept: 'text/csv' } },
  { name: 'rows answered as text', url: '/predict', payload: `[${row},${row}]`, headers: { ...json, accept: 'text/plain' } },
  { name: 'too many rows', url: '/predict', payload: `[${Array.from({ length: 16_385 }, () => row).join()}]`, headers: json, status: 413 }
)

const OTHERS: Asked[] = ['/info', '/livez', '/readyz', '/healthz'].map(url => ({ name: 'a GET', method: 'GET', url }))

for (const [model, asked] of [['tensorfood', PICTURES], ['food101', PICTURES], ['fashion-mnist', PICTURES], ['iris', ROWS]] as const) {
  t.test(`every live answer of ${model} is what the OpenAPI document says`, async t => {
    const app = await build(t, { MODEL_NAME: model })
    const documented = await answersOf(app)
    for (const { name, method = 'POST', url, payload, headers, status = 200 } of [...asked, ...OTHERS]) {
      const response = await app.inject({ method, url, ...payload !== undefined && { payload }, ...headers && { headers } })
      const what = `${method} ${url} with ${name}`
      t.equal(response.statusCode, status, what)
      t.same(documented(method, url.split('?')[0]!, response), null, what)
    }
    t.ok(asked.length > 10)
  })
}

t.test('an answer that differs from the document is found out', async t => {
  const app = await build(t, { MODEL_NAME: 'iris' })
  const documented = await answersOf(app)
  const response = await app.inject({ method: 'POST', url: '/predict', payload: row, headers: json })
  const changed = (change: object) => Object.assign(Object.create(response), { body: JSON.stringify({ ...response.json(), ...change }) })
  t.equal(documented('POST', '/predict', response), null)
  t.ok(documented('POST', '/predict', changed({ species: 'tulip' })))
  t.ok(documented('POST', '/predict', changed({ probability: 2 })))
  t.ok(documented('POST', '/predict', changed({ top: undefined })))
  t.ok(documented('POST', '/predict', Object.assign(Object.create(response), { statusCode: 418 })))
})

/** Compares an answer with the OpenAPI document: null, or what differs. */
async function answersOf (app: FastifyInstance): Promise<(method: string, path: string, response: LightMyRequestResponse) => string | null> {
  const document = (await app.inject('/openapi.json')).json()
  const ajv = addFormats.default(new Ajv2020({ strict: false }))
  ajv.addSchema(document, 'document')
  return (method, path, { statusCode, headers, body }) => {
    const type = String(headers['content-type']).split(';')[0]!
    const place = ['paths', path, method.toLowerCase(), 'responses', String(statusCode), 'content', type, 'schema']
    const validate = ajv.getSchema(`document#/${place.map(part => part.replaceAll('~', '~0').replaceAll('/', '~1')).map(encodeURIComponent).join('/')}`)
    if (!validate) return `${statusCode} ${type} is not documented`
    return validate(type.endsWith('json') ? JSON.parse(body) : body) ? null : ajv.errorsText(validate.errors)
  }
}
