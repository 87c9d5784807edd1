import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import Fastify from 'fastify'
import t, { type Test } from 'tap'
import { loadConfig } from '../../lib/config.ts'
import { projectFile } from '../../lib/project.ts'
import model, { type ModelPluginOptions } from '../../plugins/model.ts'
import { FLOWER } from '../lib/model.ts'
import { until } from '../sockets.ts'

const IRIS = projectFile('models/iris')

/** A service with nothing but its model, not yet started, and what it has logged. */
function open (t: Test, settings: Record<string, string>, onFatal?: ModelPluginOptions['onFatal']) {
  const lines: Array<Record<string, unknown>> = []
  const app = Fastify({ logger: { stream: { write: (line: string) => { lines.push(JSON.parse(line)) } } }, pluginTimeout: 0 })
  app.register(model, { config: loadConfig({ WORKERS: '1', ...settings }), ...(onFatal && { onFatal }) })
  t.teardown(async () => { await app.close() })
  return { app, lines, logged: (msg: string) => lines.filter(line => line['msg'] === msg) }
}

t.test('a service that has started has a model that answers, and its log says which and in what layout', async t => {
  const { app, logged } = open(t, { MODEL_NAME: 'iris', THREADS: '1', MAX_BATCH: '7' })
  await app.ready()
  // scikit-learn's own answer, from the model's card.
  t.match(await app.model.predict([FLOWER], { topK: 1, deadline: 600_000 }), { predictions: [{ first: { label: 'virginica' } }] })
  t.match(logged('Loading model for the first time'), [{ path: IRIS }])
  t.match(logged('Model loaded and warm'), [{ level: 30, model: 'iris', version: '1', output: /^one of 3 labels/, assumptions: [], sources: Array, workers: 1, threads: 1, maxBatch: 7, durationMs: Number }])
})

t.test('a model that is missing stops the start, and the reason names the file and the way out', async t => {
  const folder = t.testdir({ 'card.json': t.fixture('symlink', join(IRIS, 'card.json')) })
  const { app } = open(t, { MODEL_PATH: folder })
  await t.rejects(async () => { await app.ready() }, {
    code: 'SRV_MODEL_MISSING', message: `There is no ONNX file in ${folder}; export the model as model.onnx into it, or give the path of an .onnx file.`
  })
})

t.test('a model that cannot be fetched stops the start', async t => {
  const { app } = open(t, { MODEL_PATH: t.testdir(), MODEL_URL: `file://${t.testdirName}/nowhere/model.onnx` })
  await t.rejects(async () => { await app.ready() }, { code: 'SRV_MODEL_UNFETCHED' })
})

t.test('a worker that dies is logged with its reason, and ends nothing', async t => {
  let fatal = 0
  const { app, logged } = open(t, { MODEL_NAME: 'iris' }, () => { fatal++ })
  await app.ready()
  app.model.events.emit('death', new Error('out of memory'), false)
  t.match(logged('A worker died and is being replaced'), [{ level: 50, err: { message: 'out of memory' } }])
  t.equal(fatal, 0)
})

t.test('workers that keep dying are reported as fatal, once, with the last reason', async t => {
  const fatal: Error[] = []
  const { app, logged } = open(t, { MODEL_NAME: 'iris' }, error => { fatal.push(error) })
  await app.ready()
  const reason = new Error('out of memory')
  app.model.events.emit('death', reason, true)
  t.same(fatal, [reason])
  t.match(logged('Workers keep dying; the service gives up'), [{ level: 50, err: { message: 'out of memory' } }])
})

t.test('workers that keep dying are logged also where nobody wants to know', async t => {
  const { app, logged } = open(t, { MODEL_NAME: 'iris' })
  await app.ready()
  app.model.events.emit('death', new Error('out of memory'), true)
  t.equal(logged('Workers keep dying; the service gives up').length, 1)
})

t.test('a model that is missing is fetched before it is loaded, and the log follows a slow download', async t => {
  const bytes = readFileSync(join(IRIS, 'model.onnx'))
  let isTold = () => false
  const server = createServer(async (request, response) => {
    if (request.url === '/card.json') return response.end(readFileSync(join(IRIS, 'card.json')))
    if (request.url !== '/model.onnx') return response.writeHead(404).end()
    response.writeHead(200, { 'content-length': bytes.length })
    let sent = 0
    // A byte now and then, until the log speaks of it; a line comes with a byte only.
    await until(() => {
      if (!isTold() && sent < bytes.length - 1) response.write(bytes.subarray(sent, ++sent))
      return isTold()
    })
    response.end(bytes.subarray(sent))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => { server.close() })
  const address = server.address()
  const folder = t.testdir()
  const { app, logged } = open(t, {
    MODEL_PATH: folder, MODEL_URL: `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}/model.onnx`
  })
  isTold = () => logged('Fetching the model').length > 0
  await app.ready()
  const [line] = logged('Fetching the model')
  t.match(line, { level: 30, file: join(folder, 'model.onnx'), received: Number, total: bytes.length })
  t.ok(Number(line?.['received']) < bytes.length)
  t.same(readdirSync(folder).sort(), ['card.json', 'model.onnx'])
  t.match(await app.model.predict([FLOWER], { topK: 1, deadline: 600_000 }), { predictions: [{ first: { label: 'virginica' } }] })
})

t.test('the model is freed when the service closes', async t => {
  const { app } = open(t, { MODEL_NAME: 'iris' })
  await app.ready()
  t.equal(app.model.status().workers.alive, 1)
  await app.close()
  t.equal(app.model.status().workers.alive, 0)
})
