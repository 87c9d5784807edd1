import t from 'tap'
import { build } from '../../../helper.ts'

t.test('the probes have a body, and answer HEAD', async t => {
  const app = await build(t, { MODEL_NAME: 'iris' })
  await app.ready()
  const expected = {
    '/v2/health/live': { live: true }, '/v2/health/ready': { live: true, ready: true }, '/v2/models/iris/ready': { name: 'iris', ready: true }, '/v2/models/iris/versions/1/ready': { name: 'iris', ready: true }
  }
  for (const [url, body] of Object.entries(expected)) {
    const answer = await app.inject({ url, headers: { 'accept-encoding': 'gzip, deflate, br' } })
    t.same([answer.statusCode, answer.headers['content-type'], answer.headers['content-encoding']], [200, 'application/json', undefined], url)
    t.same(answer.json(), body)
    t.equal((await app.inject({ method: 'HEAD', url })).statusCode, 200, `HEAD ${url}`)
  }
  t.equal((await app.inject('/v2/models/wine/ready')).statusCode, 404)
})

t.test('a service that shuts down is alive, but not ready', async t => {
  const app = await build(t, { MODEL_NAME: 'iris' })
  await app.ready()
  app.drain()
  t.equal((await app.inject('/v2/health/live')).statusCode, 200)
  const ready = await app.inject('/v2/health/ready')
  t.equal(ready.statusCode, 503)
  t.ok(ready.headers['retry-after'])
  t.same(ready.json(), { error: 'Not ready: the service is shutting down.', live: true, ready: false })
  const model = await app.inject('/v2/models/iris/ready')
  t.equal(model.statusCode, 503)
  t.same(model.json(), { error: 'Not ready: the service is shutting down.' })
})
