import { Validator } from '@seriousme/openapi-schema-validator'
import t from 'tap'
import { build } from '../helper.ts'

t.test('GET /openapi.json', async t => {
  const app = await build(t)
  const document = (await app.inject('/openapi.json')).json()

  t.test('is valid OpenAPI 3.1 in the eyes of an independent validator', async t => {
    const validator = new Validator()
    t.match(await validator.validate(document), { valid: true })
    t.equal(validator.version, '3.1')
  })

  t.test('documents every content type of a prediction, with a file to pick', async t => {
    const { content } = document.paths['/predict'].post.requestBody
    t.same(Object.keys(content), ['multipart/form-data', 'application/json', 'image/jpeg', 'image/png', 'image/webp', 'application/octet-stream'])
    t.match(content['multipart/form-data'].schema.properties.file, { type: 'string', format: 'binary' })
    t.match(content['image/jpeg'].schema, { type: 'string', format: 'binary' })
  })

  t.test("lists this model's labels", async t => {
    const [one, several] = document.paths['/predict'].post.responses['200'].content['application/json'].schema.anyOf
    t.same(one.properties.food.enum, app.model.card.labels)
    t.same(several.properties.predictions.items.properties.food.enum, app.model.card.labels)
  })

  t.test('documents the errors of a prediction in their one shape', async t => {
    const { responses } = document.paths['/predict'].post
    t.same(Object.keys(responses), ['200', '400', '401', '413', '415', '422', '429', '503', '504'])
    t.equal(responses['422'].content['application/json'].schema.$ref, '#/components/schemas/Error')
    t.same(document.components.schemas.Error.required, ['statusCode', 'code', 'error', 'message'])
  })

  t.test('has an example that runs', async t => {
    const { schema, example, examples } = document.paths['/predict'].post.requestBody.content['application/json']
    const payload = example ?? Object.values(examples ?? {})[0] ?? schema.example ?? schema.examples[0]
    const response = await app.inject({ method: 'POST', url: '/predict', payload: payload.value ?? payload })
    t.equal(response.statusCode, 200)
  })

  t.test('names the path that a proxy has taken away', async t => {
    for (const url of ['/openapi.json', '/swagger/json']) {
      const servers = async (prefix: string) => (await app.inject({ url, headers: { 'x-forwarded-prefix': prefix } })).json().servers
      t.same(await servers('/models/food/'), [{ url: '/models/food' }])
      t.equal(await servers('//evil.example'), undefined)
      t.equal(await servers('https://evil.example'), undefined)
    }
  })

  t.test('leaves pages and metrics out', async t => {
    const { paths } = (await (await build(t, { DIALECTS: 'none' })).inject('/openapi.json')).json()
    t.same(Object.keys(paths), ['/info', '/predict', '/explain', '/livez', '/readyz', '/healthz'])
  })
})

t.test('Swagger UI is served with its own files', async t => {
  const app = await build(t)
  const { body, statusCode } = await app.inject('/swagger')
  t.equal(statusCode, 200)
  const files = [...body.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, path]) => path!)
  t.ok(files.some(path => path.endsWith('swagger-ui-bundle.js')))
  for (const path of files) {
    t.equal((await app.inject(new URL(path, 'http://localhost/swagger').pathname)).statusCode, 200, path)
  }
})
