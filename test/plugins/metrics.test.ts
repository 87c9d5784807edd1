import Fastify, { type FastifyInstance } from 'fastify'
import t, { type Test } from 'tap'
import { loadConfig } from '../../lib/config.ts'
import { BodyMalformed, ClientGone, DeadlinePassed, Overloaded, QueueFull, WorkerLost } from '../../lib/errors.ts'
import disconnect from '../../plugins/disconnect.ts'
import errors from '../../plugins/errors.ts'
import logging, { serverOptions } from '../../plugins/logging.ts'
import metrics from '../../plugins/metrics.ts'
import timing from '../../plugins/timing.ts'
import { FLOWER, type FakeModelOptions } from '../lib/model.ts'
import { dial, listen, until } from '../sockets.ts'
import { registerModel } from './fake-model.ts'

async function open (t: Test, options?: FakeModelOptions) {
  const app = Fastify(serverOptions)
  const fake = await registerModel(app, options)
  await app.register(logging)
  await app.register(errors, { config: loadConfig({}) })
  await app.register(disconnect)
  await app.register(timing)
  await app.register(metrics)
  t.teardown(async () => {
    fake.letGo()
    await app.close()
  })
  app.post<{ Querystring: { rows?: string, deadline?: string } }>('/predict', { config: { queues: 'normal' } }, async (request, reply) => {
    const { rows = '1', deadline = '600000' } = request.query
    const { predictions, timing } = await fake.model.predict(Array.from({ length: Number(rows) }, () => FLOWER), {
      topK: 1, deadline: Number(deadline), onGone: stop => reply.onDisconnect(stop)
    })
    request.predictions = predictions
    Object.assign(request.timing, timing)
    return predictions
  })
  const predict = async (query = '') => (await app.inject({ method: 'POST', url: `/predict${query}` })).statusCode
  return { ...fake, app, predict }
}

/** The values of a metric by its labels, as Prometheus reads them. https://prometheus.io/docs/instrumenting/exposition_formats/ */
async function read (app: FastifyInstance, name: string): Promise<Record<string, number>> {
  const text = await app.metrics.registry.metrics()
  const lines = [...text.matchAll(new RegExp(`^${name}(?:\\{(.*)\\})? (\\S+)$`, 'gm'))]
  return Object.fromEntries(lines.map(([, labels = '', value]) => [labels, Number(value)]))
}

const NONE = { 'reason="queue_full",dialect="native"': 0, 'reason="overloaded",dialect="native"': 0, 'reason="deadline",dialect="native"': 0, 'reason="disconnected",dialect="native"': 0, 'reason="worker_lost",dialect="native"': 0 }

t.test('a prediction that is refused or given up is counted once, by its reason', async t => {
  const { app } = await open(t)
  t.same(await read(app, 'servery_rejected_total'), NONE, 'every reason is there from the start')
  const reasons = {
    queue_full: new QueueFull(1), overloaded: new Overloaded(), deadline: new DeadlinePassed(1), disconnected: new ClientGone(), worker_lost: new WorkerLost()
  }
  for (const [reason, error] of Object.entries(reasons)) app.get(`/${reason}`, async () => { throw error })
  app.get('/mistake', async () => { throw new BodyMalformed('a mistake of the caller') })
  const counts: Record<string, number> = { ...NONE }
  for (const reason of Object.keys(reasons)) {
    await app.inject(`/${reason}`)
    counts[`reason="${reason}",dialect="native"`] = 1
    t.same(await read(app, 'servery_rejected_total'), counts, reason)
  }
  await app.inject('/mistake')
  t.same(await read(app, 'servery_rejected_total'), counts, 'a mistake of the caller is none')
})

t.test('a full queue and a passed deadline are counted where they happen', async t => {
  const { app, model, hold, letGo, predict } = await open(t, { queueLimit: 2 })
  hold()
  const answer = predict('?rows=2')
  await until(() => model.status().admitted === 2)
  t.equal(await predict(), 503)
  letGo()
  t.equal(await answer, 200)
  hold()
  t.equal(await predict('?deadline=1'), 504)
  t.same(await read(app, 'servery_rejected_total'), { ...NONE, 'reason="queue_full",dialect="native"': 1, 'reason="deadline",dialect="native"': 1 })
})

t.test('a client that leaves before its answer is counted', async t => {
  const { app, model, hold } = await open(t)
  await listen(t, app)
  hold()
  const socket = await dial(t, app)
  socket.write('POST /predict HTTP/1.1\r\nhost: a\r\ncontent-length: 0\r\n\r\n')
  await until(() => model.status().admitted === 1)
  socket.destroy()
  await until(async () => (await read(app, 'servery_rejected_total'))['reason="disconnected",dialect="native"'] === 1)
  t.same(await read(app, 'servery_rejected_total'), { ...NONE, 'reason="disconnected",dialect="native"': 1 })
})

t.test('requests are counted by method, route and status; unknown paths share one series', async t => {
  const { app, predict } = await open(t)
  app.get<{ Params: { name: string } }>('/docs/:name', async request => request.params.name)
  await predict()
  for (const url of ['/docs/one', '/docs/two', '/scan/1', '/scan/2?a=b', '/predict']) await app.inject(url)
  t.same(await read(app, 'servery_http_request_duration_seconds_count'), {
    'method="POST",route="/predict",status="200",dialect="native"': 1,
    'method="GET",route="/docs/:name",status="200",dialect="native"': 2,
    'method="GET",route="unknown",status="404",dialect="native"': 2,
    'method="GET",route="unknown",status="405",dialect="native"': 1
  })
})

t.test('predictions are counted by label, with their confidence', async t => {
  const { app, predict } = await open(t)
  t.same(await read(app, 'servery_predictions_total'), { 'label="setosa",dialect="native"': 0, 'label="versicolor",dialect="native"': 0, 'label="virginica",dialect="native"': 0 })
  await predict()
  await predict('?rows=3')
  t.same(await read(app, 'servery_predictions_total'), { 'label="setosa",dialect="native"': 0, 'label="versicolor",dialect="native"': 4, 'label="virginica",dialect="native"': 0 })
  t.same(await read(app, 'servery_prediction_confidence_count'), { '': 4 })
  t.same(await read(app, 'servery_prediction_confidence_sum'), { '': 4 * 0.625 })
})

t.test('each stage of a prediction is observed', async t => {
  const { app, predict } = await open(t)
  await predict()
  t.same(await read(app, 'servery_stage_duration_seconds_count'), {
    'stage="receive",dialect="native"': 1, 'stage="decode",dialect="native"': 1, 'stage="queue",dialect="native"': 1, 'stage="infer",dialect="native"': 1, 'stage="send",dialect="native"': 1
  })
})

t.test('a run of the model is observed, with its rows and its seconds', async t => {
  const { app, model } = await open(t)
  model.events.emit('run', 3, 250, 1)
  model.events.emit('run', 5, 500, 1)
  t.same(await read(app, 'servery_batch_rows_sum'), { '': 8 })
  t.same(await read(app, 'servery_batch_rows_count'), { '': 2 })
  t.same(await read(app, 'servery_run_duration_seconds_sum'), { '': 0.75 })
})

t.test('gauges say how the queue and the workers are now', async t => {
  const { app, model, hold, letGo, predict } = await open(t, { queueLimit: 50, runner: { size: 3, alive: 2, deaths: 7 } })
  const gauges = async () => await Promise.all(['queue', 'running', 'admitted', 'queue_limit'].map(async name => (await read(app, `servery_${name}_rows`))['']))
  t.same(await gauges(), [0, 0, 0, 50])
  t.same(await read(app, 'servery_workers'), { 'state="idle"': 2, 'state="busy"': 0, 'state="dead"': 1 })
  t.same(await read(app, 'servery_worker_deaths_total'), { '': 7 })
  t.same(await read(app, 'servery_worker_deaths_total'), { '': 7 }, 'however often they are read')
  hold()
  const answer = predict('?rows=20')
  await until(() => model.status().workers.busy === 3)
  // Three workers, each with a batch of four.
  t.same(await gauges(), [8, 12, 20, 50])
  letGo()
  t.equal(await answer, 200)
  t.same(await gauges(), [0, 0, 0, 50])
})

t.test('the model that is served is named', async t => {
  const { app } = await open(t, { card: { name: 'flowers', version: '2.1' } })
  t.same(await read(app, 'servery_model_info'), { 'model="flowers",version="2.1"': 1 })
})
