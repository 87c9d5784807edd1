import t from 'tap'
import { build } from '../helper.ts'

const API_KEYS = 'laboratory:correct-horse-battery,kiosk:staple-of-the-kitchen'
const payload = [5.9, 3, 5.1, 1.8]

t.test('with API_KEYS', async t => {
  const app = await build(t, { MODEL_NAME: 'iris', API_KEYS })
  const ask = async (headers: Record<string, string> = {}, url = '/predict') => await app.inject({ method: 'POST', url, payload, headers })

  t.test('a question without a key, or with a wrong one, is a 401 that says how to send one', async t => {
    const without = await ask()
    t.match(without.json(), { statusCode: 401, code: 'SRV_UNAUTHORIZED', message: 'This request needs an API key; send one as Authorization: Bearer KEY.' })
    t.equal(without.headers['www-authenticate'], 'Bearer')
    for (const key of ['wrong', 'correct-horse-batterx', 'correct-horse-battery2', 'laboratory', 'laboratory:correct-horse-battery', '']) {
      t.equal((await ask({ authorization: `Bearer ${key}` })).statusCode, 401, key)
      t.equal((await ask({ 'x-api-key': key }, '/explain')).statusCode, 401, key)
    }
    t.equal((await ask({ authorization: 'Basic correct-horse-battery' })).statusCode, 401)
  })

  t.test('every key is let in, by either header', async t => {
    for (const key of ['correct-horse-battery', 'staple-of-the-kitchen']) {
      t.equal((await ask({ authorization: `Bearer ${key}` })).statusCode, 200)
      t.equal((await ask({ authorization: `bearer ${key}` })).statusCode, 200)
      t.equal((await ask({ 'x-api-key': key }, '/explain')).statusCode, 200)
    }
  })

  t.test('probes, metrics, the page and the documents stay open', async t => {
    for (const path of ['/livez', '/readyz', '/healthz', '/metrics', '/', '/docs', '/info', '/openapi.json']) {
      t.equal((await app.inject(path)).statusCode, 200, path)
    }
  })

  t.test('the OpenAPI document says where a key is wanted', async t => {
    const { components, paths } = (await app.inject('/openapi.json')).json()
    t.match(components.securitySchemes.key, { type: 'http', scheme: 'bearer' })
    t.same(paths['/predict'].post.security, [{ key: [] }])
    t.equal(paths['/info'].get.security, undefined)
  })

  t.test('an address that tries more than 30 wrong keys a minute is told to wait, while those who have a key are not', async t => {
    const from = async (remoteAddress: string, key: string) => await app.inject({ method: 'POST', url: '/predict', payload, headers: { 'x-api-key': key }, remoteAddress })
    const statuses = []
    for (let at = 0; at < 40; at++) statuses.push((await from('192.0.2.1', `guess-${at}`)).statusCode)
    t.same(statuses, [...Array.from({ length: 30 }, () => 401), ...Array.from({ length: 10 }, () => 429)])
    const refused = await from('192.0.2.1', 'guess-again')
    t.match(refused.json(), { statusCode: 429, code: 'SRV_TOO_MANY_REQUESTS' })
    t.ok(Number(refused.headers['retry-after']) > 0 && Number(refused.headers['retry-after']) <= 60)
    t.equal((await from('192.0.2.1', 'correct-horse-battery')).statusCode, 200)
    t.equal((await from('192.0.2.2', 'guess-again')).statusCode, 401, 'nor are other addresses')
  })
})

t.test('RATE_LIMIT counts for each key, and not for probes', async t => {
  const app = await build(t, { MODEL_NAME: 'iris', API_KEYS, RATE_LIMIT: '3' })
  const ask = async (key: string) => await app.inject({ method: 'POST', url: '/predict', payload, headers: { 'x-api-key': key } })
  for (let at = 0; at < 3; at++) t.equal((await ask('correct-horse-battery')).statusCode, 200)
  const refused = await ask('correct-horse-battery')
  t.match(refused.json(), { statusCode: 429, message: 'Too many requests came from laboratory, over the limit of 3 a minute; try again later.' })
  t.ok(refused.headers['retry-after'])
  t.equal((await ask('staple-of-the-kitchen')).statusCode, 200)
  for (let at = 0; at < 10; at++) t.equal((await app.inject('/livez')).statusCode, 200)
})

t.test('RATE_LIMIT without keys counts for each address, which only a trusted proxy may name', async t => {
  const ask = async (settings: Record<string, string>, statuses: number[] = []) => {
    const app = await build(t, { MODEL_NAME: 'iris', RATE_LIMIT: '1', ...settings })
    for (const address of ['192.0.2.1', '192.0.2.2', '192.0.2.1']) {
      statuses.push((await app.inject({ method: 'POST', url: '/predict', payload, headers: { 'x-forwarded-for': address } })).statusCode)
    }
    return statuses
  }
  t.same(await ask({}), [200, 429, 429])
  t.same(await ask({ TRUST_PROXY: '1' }), [200, 200, 429])
  t.same(await ask({ TRUST_PROXY: '127.0.0.0/8' }), [200, 200, 429])
  t.same(await ask({ TRUST_PROXY: '203.0.113.7' }), [200, 429, 429])
})
