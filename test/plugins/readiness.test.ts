import Fastify from 'fastify'
import t, { type Test } from 'tap'
import readiness from '../../plugins/readiness.ts'
import shutdown from '../../plugins/shutdown.ts'
import unanswered from '../../plugins/unanswered.ts'
import type { FakeModelOptions } from '../lib/model.ts'
import { registerModel } from './fake-model.ts'

async function open (t: Test, runner: FakeModelOptions['runner'] = {}) {
  const app = Fastify()
  t.teardown(async () => { await app.close() })
  await app.register(unanswered)
  await app.register(shutdown)
  await registerModel(app, { runner })
  await app.register(readiness)
  return app
}

t.test('a service is ready from its start until its shutdown', async t => {
  const app = await open(t)
  t.throws(() => app.assertReady(), { statusCode: 503, code: 'SRV_NOT_READY', message: 'Not ready: the service is starting.' })
  await app.ready()
  app.assertReady()
  app.drain()
  t.throws(() => app.assertReady(), { message: 'Not ready: the service is shutting down.' })
})

t.test('a service is not ready while a worker is being replaced', async t => {
  const app = await open(t, { size: 3, alive: 2 })
  await app.ready()
  t.throws(() => app.assertReady(), { statusCode: 503, message: 'Not ready: 1 of 3 workers died and are being replaced.' })
})
