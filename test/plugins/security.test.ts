import t from 'tap'
import { build } from '../helper.ts'

t.test('answers tell browsers not to sniff, frame or run them, and nothing about what made them', async t => {
  const app = await build(t, { MODEL_NAME: 'iris' })
  for (const path of ['/info', '/', '/docs', '/nowhere', '/livez']) {
    const { headers } = await app.inject(path)
    t.equal(headers['x-content-type-options'], 'nosniff', path)
    t.equal(headers['x-frame-options'], 'SAMEORIGIN', path)
    t.equal(headers['referrer-policy'], 'no-referrer', path)
    t.match(headers['content-security-policy'], "default-src 'none'", path)
    t.notMatch(headers['content-security-policy'], 'unsafe', path)
    t.equal(headers['server'], undefined)
    t.equal(headers['x-powered-by'], undefined)
    t.equal(headers['access-control-allow-origin'], undefined)
  }
})

t.test('CORS_ORIGINS lets the pages of these origins ask, and no others', async t => {
  const app = await build(t, { MODEL_NAME: 'iris', CORS_ORIGINS: 'https://shop.example,http://localhost:3000' })
  const preflight = async (origin: string) => await app.inject({
    method: 'OPTIONS', url: '/predict', headers: { origin, 'access-control-request-method': 'POST', 'access-control-request-headers': 'content-type,authorization' }
  })
  const allowed = await preflight('https://shop.example')
  t.equal(allowed.statusCode, 204)
  t.equal(allowed.headers['access-control-allow-origin'], 'https://shop.example')
  t.match(allowed.headers['access-control-allow-headers'], 'authorization')
  const answer = await app.inject({ method: 'POST', url: '/predict', payload: [5.9, 3, 5.1, 1.8], headers: { origin: 'http://localhost:3000' } })
  t.equal(answer.headers['access-control-allow-origin'], 'http://localhost:3000')
  t.match(answer.headers['access-control-expose-headers'], 'server-timing')
  t.match(answer.headers['vary'], 'Origin')
  t.equal((await preflight('https://evil.example')).headers['access-control-allow-origin'], undefined)
})

t.test('CORS_ORIGINS=* lets every page ask', async t => {
  const app = await build(t, { MODEL_NAME: 'iris', CORS_ORIGINS: '*' })
  t.equal((await app.inject({ url: '/info', headers: { origin: 'https://any.example' } })).headers['access-control-allow-origin'], '*')
})
