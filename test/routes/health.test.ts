import { setTimeout as sleep } from 'node:timers/promises'
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
    const ticket = scheduler.admit(scheduler.limit)
    t.ok(scheduler.isFull('normal'))
    t.equal((await app.inject('/livez')).statusCode, 200)
    t.equal((await app.inject('/readyz')).statusCode, 200)
    ticket.release()
  })

  t.test('readiness dips while a worker that died is being replaced', async t => {
    const { runner } = app.model.engine
    await t.rejects(runner.run(new Array(1)))
    t.match((await app.inject('/readyz')).json(), { statusCode: 503, message: /1 of 1 workers died/ })
    t.equal((await app.inject('/livez')).statusCode, 200)
    while (runner.alive === 0) await sleep(20)
    t.equal((await app.inject('/readyz')).statusCode, 200)
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
