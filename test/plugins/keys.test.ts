import Fastify from 'fastify'
import t, { type Test } from 'tap'
import { loadConfig } from '../../lib/config.ts'
import errors from '../../plugins/errors.ts'
import keys from '../../plugins/keys.ts'
import { build } from '../helper.ts'

const API_KEYS = 'laboratory:correct-horse-battery,kiosk:staple-of-the-kitchen'

/** A service whose routes that queue answer the name of the key. */
async function open (t: Test, settings: Record<string, string>) {
  const app = Fastify()
  const config = loadConfig(settings)
  await app.register(errors, { config })
  await app.register(keys, { config })
  app.post('/predict', { config: { queues: 'normal' } }, async ({ client }) => ({ client }))
  app.post('/explain', { config: { queues: 'low' } }, async ({ client }) => ({ client }))
  app.get('/probe', async () => 'alive')
  t.teardown(async () => { await app.close() })
  const ask = async (headers: Record<string, string> = {}, { url = '/predict', from = '192.0.2.1' } = {}) => {
    return await app.inject({ method: 'POST', url, headers, remoteAddress: from })
  }
  return { app, ask }
}

t.test('with API_KEYS', async t => {
  const { app, ask } = await open(t, { API_KEYS })

  t.test('a question without a key, or with a wrong one, is a 401 that says how to send one', async t => {
    const without = await ask()
    t.match(without.json(), { statusCode: 401, code: 'SRV_UNAUTHORIZED', message: 'This request needs an API key; send one as Authorization: Bearer KEY.' })
    t.equal(without.headers['www-authenticate'], 'Bearer')
    t.match((await ask({ 'x-api-key': 'wrong' })).json(), { message: 'This is not an API key of this service; send one as Authorization: Bearer KEY.' })
    for (const key of ['wrong', 'correct-horse-batterx', 'correct-horse-battery2', 'correct-horse-batter', 'laboratory', 'laboratory:correct-horse-battery', '']) {
      t.equal((await ask({ authorization: `Bearer ${key}` })).statusCode, 401, key)
      t.equal((await ask({ 'x-api-key': key }, { url: '/explain' })).statusCode, 401, key)
    }
    t.equal((await ask({ authorization: 'Basic correct-horse-battery' })).statusCode, 401)
  })

  t.test('every key is let in, by either header, and is known by its name', async t => {
    for (const [client, key] of [['laboratory', 'correct-horse-battery'], ['kiosk', 'staple-of-the-kitchen']] as const) {
      for (const headers of [{ authorization: `Bearer ${key}` }, { authorization: `bearer ${key}` }, { 'x-api-key': key }]) {
        t.same((await ask(headers)).json(), { client })
        t.same((await ask(headers, { url: '/explain' })).json(), { client })
      }
    }
  })

  t.test('what queues nothing stays open', async t => {
    t.equal((await app.inject('/probe')).statusCode, 200)
  })

  t.test('an address that tries more than 30 wrong keys a minute is told to wait, while those who have a key are not', async t => {
    const from = '192.0.2.2'
    const statuses = []
    for (let at = 0; at < 40; at++) statuses.push((await ask({ 'x-api-key': `guess-${at}` }, { from })).statusCode)
    t.same(statuses, [...Array.from({ length: 30 }, () => 401), ...Array.from({ length: 10 }, () => 429)])
    const refused = await ask({ 'x-api-key': 'guess-again' }, { from })
    t.match(refused.json(), { statusCode: 429, code: 'SRV_TOO_MANY_REQUESTS' })
    t.ok(Number(refused.headers['retry-after']) > 0 && Number(refused.headers['retry-after']) <= 60)
    t.equal((await ask({ 'x-api-key': 'correct-horse-battery' }, { from })).statusCode, 200)
    t.equal((await ask({ 'x-api-key': 'guess-again' }, { from: '192.0.2.3' })).statusCode, 401, 'nor are other addresses')
  })
})

t.test('without API_KEYS anyone may ask', async t => {
  const { ask } = await open(t, {})
  t.same((await ask()).json(), { client: null })
  t.same((await ask({ 'x-api-key': 'any' })).json(), { client: null })
})

t.test('RATE_LIMIT counts for each key, wherever it comes from, and not for what queues nothing', async t => {
  const { app, ask } = await open(t, { API_KEYS, RATE_LIMIT: '3' })
  const askWith = async (key: string, from: string) => await ask({ 'x-api-key': key }, { from })
  for (const from of ['192.0.2.1', '192.0.2.2', '192.0.2.3']) t.equal((await askWith('correct-horse-battery', from)).statusCode, 200)
  const refused = await askWith('correct-horse-battery', '192.0.2.4')
  t.match(refused.json(), {
    statusCode: 429, code: 'SRV_TOO_MANY_REQUESTS', message: 'Too many requests came from laboratory, over the limit of 3 a minute; try again later.'
  })
  t.ok(Number(refused.headers['retry-after']) > 0 && Number(refused.headers['retry-after']) <= 60)
  t.equal((await askWith('staple-of-the-kitchen', '192.0.2.1')).statusCode, 200)
  for (let at = 0; at < 10; at++) t.equal((await app.inject('/probe')).statusCode, 200)
})

t.test('RATE_LIMIT without keys counts for each address', async t => {
  const { ask } = await open(t, { RATE_LIMIT: '1' })
  const statuses = []
  for (const from of ['192.0.2.1', '192.0.2.2', '192.0.2.1']) statuses.push((await ask({}, { from })).statusCode)
  t.same(statuses, [200, 200, 429])
})

t.test('other protocols than HTTP ask at the same door', async t => {
  const { app, ask } = await open(t, { API_KEYS, RATE_LIMIT: '2' })
  const address = '192.0.2.9'
  t.equal(app.authorize({ headers: { authorization: 'Bearer correct-horse-battery' }, address }), 'laboratory')
  t.equal((await ask({ 'x-api-key': 'correct-horse-battery' })).statusCode, 200)
  t.throws(() => app.authorize({ headers: { 'x-api-key': 'correct-horse-battery' }, address }), { code: 'SRV_TOO_MANY_REQUESTS' }, 'one count for all protocols')
  t.throws(() => app.authorize({ headers: {}, address }), { code: 'SRV_UNAUTHORIZED' })
  const free = await build(t, { MODEL_NAME: 'iris', WORKERS: '0', MAX_BATCH: '1' })
  t.equal(free.authorize({ headers: { 'x-api-key': 'any' }, address }), null)
})

t.test('the service itself', async t => {
  const app = await build(t, { MODEL_NAME: 'iris', WORKERS: '0', MAX_BATCH: '1', API_KEYS })

  t.test('keeps its answers for those who have a key, and leaves probes, metrics, the page and the documents open', async t => {
    for (const url of ['/predict', '/explain']) {
      const payload = [5.9, 3, 5.1, 1.8]
      t.equal((await app.inject({ method: 'POST', url, payload })).statusCode, 401, url)
      t.equal((await app.inject({ method: 'POST', url, payload, headers: { 'x-api-key': 'correct-horse-battery' } })).statusCode, 200, url)
    }
    for (const path of ['/livez', '/readyz', '/healthz', '/metrics', '/', '/docs', '/info', '/openapi.json']) {
      t.equal((await app.inject(path)).statusCode, 200, path)
    }
  })

  t.test('says in its OpenAPI document where a key is wanted', async t => {
    const { components, paths } = (await app.inject('/openapi.json')).json()
    t.match(components.securitySchemes.key, { type: 'http', scheme: 'bearer' })
    t.same(paths['/predict'].post.security, [{ key: [] }])
    t.same(paths['/explain'].post.security, [{ key: [] }])
    t.equal(paths['/info'].get.security, undefined)
  })
})

t.test('TRUST_PROXY says whose word for an address is believed, so that no caller can pass for another', async t => {
  const ask = async (settings: Record<string, string>, statuses: number[] = []) => {
    const app = await build(t, { MODEL_NAME: 'iris', WORKERS: '0', MAX_BATCH: '1', RATE_LIMIT: '1', ...settings })
    for (const address of ['192.0.2.1', '192.0.2.2', '192.0.2.1']) {
      statuses.push((await app.inject({ method: 'POST', url: '/predict', payload: [5.9, 3, 5.1, 1.8], headers: { 'x-forwarded-for': address } })).statusCode)
    }
    return statuses
  }
  t.same(await ask({}), [200, 429, 429])
  t.same(await ask({ TRUST_PROXY: '1' }), [200, 200, 429])
  t.same(await ask({ TRUST_PROXY: '127.0.0.0/8' }), [200, 200, 429])
  t.same(await ask({ TRUST_PROXY: '203.0.113.7' }), [200, 429, 429])
})
