import { setTimeout as sleep } from 'node:timers/promises'
import Fastify from 'fastify'
import t from 'tap'
import { resolveModel } from '../../lib/card/resolve.ts'
import { Classifier } from '../../lib/classifier.ts'
import { loadConfig } from '../../lib/config.ts'
import { WorkerPool } from '../../lib/engine/pool.ts'
import { projectFile } from '../../lib/project.ts'
import errors from '../../plugins/errors.ts'
import shutdown from '../../plugins/shutdown.ts'
import unanswered from '../../plugins/unanswered.ts'
import health from '../../routes/health.ts'
import { picture } from '../fixtures/expected.ts'
import { build } from '../helper.ts'
import { deadlyRow } from '../lib/engine/rows.ts'

t.test('probes', async t => {
  const app = await build(t)

  t.test('a warm service is live and ready', async t => {
    t.same((await app.inject('/livez')).json(), { status: 'live' })
    t.same((await app.inject('/readyz')).json(), { status: 'ready' })
    t.match((await app.inject('/healthz')).json(), { status: 'ready', model: 'tensorfood', queued: 0, running: 0, workers: 1, uptime: Number })
  })

  t.test('a full queue changes neither', async t => {
    const bytes = picture('rgb.png')
    const predictions = app.model.predict(Array.from({ length: app.model.status().queueLimit }, (_, at) => ({ name: `${at}`, bytes })), { topK: 1, deadline: 60_000 })
    t.notOk(app.model.accepts('normal'))
    const [live, ready] = await Promise.all([app.inject('/livez'), app.inject('/readyz')])
    t.match([live.statusCode, ready.statusCode], [200, 200])
    await predictions
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

t.test('readiness dips while a worker that died is being replaced', async t => {
  const folder = projectFile('models/tensorfood')
  const card = (await resolveModel(folder)).card
  const runner = await WorkerPool.open({ model: `${folder}/model.onnx`, contract: card, threads: 1 }, 1)
  const app = Fastify()
  app.decorate('model', new Classifier({ folder, card, engine: { runner, workers: 1, threads: 1, maxBatch: 1, providers: ['cpu'], trials: [] }, limits: { pixels: 1, characters: Infinity } }))
  t.teardown(async () => { await app.close(); await runner.close() })
  await app.register(errors, { config: loadConfig({}) })
  await app.register(unanswered)
  await app.register(shutdown)
  await app.register(health)
  t.equal((await app.inject('/readyz')).statusCode, 200)
  await t.rejects(runner.run([deadlyRow()]))
  t.match((await app.inject('/readyz')).json(), { statusCode: 503, message: /1 of 1 workers died/ })
  t.equal((await app.inject('/livez')).statusCode, 200)
  while (runner.alive === 0) await sleep(20)
  t.equal((await app.inject('/readyz')).statusCode, 200)
})
