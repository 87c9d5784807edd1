import t from 'tap'
import { build } from '../helper.ts'

t.test('probes', async t => {
  const app = await build(t)

  t.test('a warm service is live and ready', async t => {
    t.same((await app.inject('/livez')).json(), { status: 'live' })
    t.same((await app.inject('/readyz')).json(), { status: 'ready' })
    t.match((await app.inject('/healthz')).json(), { status: 'ready', model: 'tensorfood', queued: 0, running: 0, workers: 1, uptime: Number })
  })

  t.test('a full queue changes neither', async t => {
    const { scheduler } = app.model
    const release = scheduler.admit(256)
    t.ok(scheduler.full)
    t.equal((await app.inject('/livez')).statusCode, 200)
    t.equal((await app.inject('/readyz')).statusCode, 200)
    release()
  })

  t.test('a draining service is live but not ready, says why, and closes its connections', async t => {
    app.drain()
    t.equal((await app.inject('/livez')).statusCode, 200)
    const response = await app.inject('/readyz')
    t.match(response.json(), { statusCode: 503, code: 'SRV_NOT_READY', message: /shutting down/ })
    t.equal(response.headers.connection, 'close')
    t.equal((await app.inject('/healthz')).statusCode, 503)
  })
})
