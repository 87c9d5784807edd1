import { fileURLToPath } from 'node:url'
import zlib, { gunzipSync } from 'node:zlib'
import fastifyStatic from '@fastify/static'
import fastify, { type FastifyPluginAsync } from 'fastify'
import t from 'tap'
import { build } from '../helper.ts'

t.test('pages, what they load and documents are compressed for who accepts gzip, and are the same without', async t => {
  const app = await build(t, { MODEL_NAME: 'iris' })
  for (const url of ['/', '/assets/style.css', '/assets/page.js', '/docs', '/docs/search.json', '/swagger/', '/swagger/static/swagger-ui-bundle.js']) {
    const plain = await app.inject(url)
    t.equal(plain.headers['content-encoding'], undefined, url)
    const packed = await app.inject({ url, headers: { 'accept-encoding': 'br;q=0.5, gzip' } })
    if (plain.rawPayload.length < 1024) continue
    t.equal(packed.headers['content-encoding'], 'gzip', url)
    t.match(packed.headers.vary, /accept-encoding/i, url)
    t.ok(packed.rawPayload.length < plain.rawPayload.length, url)
    t.same(gunzipSync(packed.rawPayload), plain.rawPayload, url)
  }
})

t.test('who accepts no encoding that is known, or sends nonsense, gets the page as it is', async t => {
  const app = await build(t, { MODEL_NAME: 'iris' })
  for (const encoding of ['', 'zstd', 'identity', 'gzip;q=0', '\u00ff,;q=', '*;q=0']) {
    const { statusCode, headers, body } = await app.inject({ url: '/', headers: { 'accept-encoding': encoding } })
    t.equal(statusCode, 200, encoding)
    t.equal(headers['content-encoding'], undefined, encoding)
    t.match(body, '<h1>', encoding)
  }
})

t.test('answers of the model, probes and metrics are not compressed', async t => {
  const app = await build(t, { MODEL_NAME: 'iris' })
  const headers = { 'accept-encoding': 'gzip' }
  for (const url of ['/info', '/metrics', '/healthz', '/openapi.json']) t.equal((await app.inject({ url, headers })).headers['content-encoding'], undefined, url)
  const rows = Array.from({ length: 100 }, () => [5.9, 3, 5.1, 1.8])
  const answer = await app.inject({ method: 'POST', url: '/predict', headers, payload: rows })
  t.equal(answer.headers['content-encoding'], undefined)
  t.equal(answer.json().predictions.length, 100)
})

t.test('what many ask for is compressed once', async t => {
  let count = 0
  const counted = new Proxy(zlib.gzip, {
    apply: (gzip, self, given): unknown => {
      count++
      return Reflect.apply(gzip, self, given)
    }
  })
  const { default: compression } = await t.mockImport<{ default: FastifyPluginAsync }>('../../plugins/compression.ts', { 'node:zlib': { ...zlib, gzip: counted } })
  const app = fastify()
  t.teardown(async () => { await app.close() })
  await app.register(compression)
  await app.register(fastifyStatic, { root: fileURLToPath(new URL('../../web', import.meta.url)), prefix: '/assets/' })
  app.get('/', async (_request, reply) => reply.type('text/html').send('Page. '.repeat(1000)))
  for (const url of ['/', '/assets/style.css', '/assets/style.css?again']) {
    const answers = await Promise.all(Array.from({ length: 50 }, async () => await app.inject({ url, headers: { 'accept-encoding': 'gzip' } })))
    for (const { rawPayload } of answers) t.same(rawPayload, answers[0]?.rawPayload)
    t.equal(answers[0]?.headers['content-encoding'], 'gzip')
  }
  t.equal(count, 2)
})

t.test('a part of a file is sent as it is', async t => {
  const app = await build(t, { MODEL_NAME: 'iris' })
  const { statusCode, headers, body } = await app.inject({ url: '/assets/style.css', headers: { 'accept-encoding': 'gzip', range: 'bytes=0-1999' } })
  t.equal(statusCode, 206)
  t.equal(headers['content-encoding'], undefined)
  t.equal(body.length, 2000)
})
