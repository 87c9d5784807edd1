import Fastify from 'fastify'
import t, { type Test } from 'tap'
import { loadConfig } from '../../lib/config.ts'
import security from '../../plugins/security.ts'
import { build } from '../helper.ts'

t.test('answers tell browsers not to sniff, frame or run them, and nothing about what made them', async t => {
  const app = await build(t, { MODEL_NAME: 'iris', WORKERS: '0', MAX_BATCH: '1' })
  for (const path of ['/info', '/', '/docs', '/nowhere', '/livez']) {
    const { headers } = await app.inject(path)
    t.equal(headers['x-content-type-options'], 'nosniff', path)
    t.equal(headers['x-frame-options'], 'SAMEORIGIN', path)
    t.equal(headers['referrer-policy'], 'no-referrer', path)
    t.match(headers['content-security-policy'], "default-src 'none'", path)
    t.notMatch(headers['content-security-policy'], 'unsafe', path)
    t.equal(headers['cross-origin-resource-policy'], 'same-origin')
    t.equal(headers['server'], undefined)
    t.equal(headers['x-powered-by'], undefined)
    t.equal(headers['access-control-allow-origin'], undefined)
  }
})

/** A service that lets the pages of some origins ask. */
async function open (t: Test, CORS_ORIGINS: string) {
  const app = Fastify()
  await app.register(security, { config: loadConfig({ CORS_ORIGINS }) })
  app.post('/predict', async () => 'answer')
  t.teardown(async () => { await app.close() })
  const preflight = async (origin: string) => await app.inject({
    method: 'OPTIONS', url: '/predict', headers: { origin, 'access-control-request-method': 'POST', 'access-control-request-headers': 'content-type,authorization' }
  })
  return { preflight, ask: async (origin: string) => await app.inject({ method: 'POST', url: '/predict', headers: { origin } }) }
}

t.test('CORS_ORIGINS lets the pages of these origins ask, and no others', async t => {
  const { preflight, ask } = await open(t, 'https://shop.example,http://localhost:3000')
  const allowed = await preflight('https://shop.example')
  t.equal(allowed.statusCode, 204)
  t.equal(allowed.headers['access-control-allow-origin'], 'https://shop.example')
  t.match(allowed.headers['access-control-allow-headers'], 'authorization')
  const answer = await ask('http://localhost:3000')
  t.equal(answer.headers['access-control-allow-origin'], 'http://localhost:3000')
  t.match(answer.headers['access-control-expose-headers'], 'server-timing')
  // Without it, a page can neither send nor read tensors as bytes.
  t.match(allowed.headers['access-control-allow-headers'], 'inference-header-content-length')
  t.match(answer.headers['access-control-expose-headers'], 'inference-header-content-length')
  t.equal(answer.headers['cross-origin-resource-policy'], 'cross-origin')
  t.match(answer.headers['vary'], 'Origin')
  for (const origin of ['https://evil.example', 'https://shop.example.evil.example', 'http://shop.example', 'null']) {
    t.equal((await preflight(origin)).headers['access-control-allow-origin'], undefined, origin)
    t.equal((await ask(origin)).headers['access-control-allow-origin'], undefined, origin)
  }
})

t.test('CORS_ORIGINS=* lets every page ask', async t => {
  const { ask } = await open(t, '*')
  t.equal((await ask('https://any.example')).headers['access-control-allow-origin'], '*')
})
