import Fastify from 'fastify'
import t from 'tap'
import logging, { serverOptions } from '../../plugins/logging.ts'
import { dial, listen, until } from '../sockets.ts'

t.test('logging', async t => {
  let lines: Array<Record<string, unknown>> = []
  const app = Fastify({ ...serverOptions, logger: { level: 'debug', stream: { write: (line: string) => { lines.push(JSON.parse(line)) } } } })
  await app.register(logging)
  app.post('/work', async () => 'done')
  app.get('/probe', { config: { quiet: true } }, async () => 'ok')
  t.teardown(() => app.close())
  t.beforeEach(() => { lines = [] })

  t.test('a request is one line, without its body and its query', async t => {
    const response = await app.inject({ method: 'POST', url: '/work?key=secret', payload: { private: 'thing' } })
    t.equal(lines.length, 1)
    t.match(lines[0], { level: 30, msg: 'request', method: 'POST', path: '/work', statusCode: 200, durationMs: Number, reqId: response.headers['x-request-id'] })
    t.notMatch(JSON.stringify(lines), /secret|private|thing/)
  })

  t.test('a probe is logged at level debug', async t => {
    await app.inject('/probe')
    t.match(lines[0], { level: 20, path: '/probe' })
  })

  t.test("the caller's request id is kept when it is sane, and replaced when it is not", async t => {
    const id = async (given: string) => (await app.inject({ url: '/probe', headers: { 'x-request-id': given } })).headers['x-request-id']
    t.equal(await id('abc-123'), 'abc-123')
    t.match(await id('a b\tc'), /^[0-9a-f-]{36}$/)
    t.match(await id('x'.repeat(200)), /^[0-9a-f-]{36}$/)
  })
})

t.test('a client that sent several requests and left has a line for each', async t => {
  const lines: Array<Record<string, unknown>> = []
  const app = Fastify({ ...serverOptions, logger: { stream: { write: (line: string) => { lines.push(JSON.parse(line)) } } } })
  await app.register(logging)
  const asked: string[] = []
  app.get('/late/:name', async ({ url }) => {
    asked.push(url)
    await new Promise(() => {})
  })
  app.get('/quick', async ({ url }) => {
    asked.push(url)
    return 'answer'
  })
  await listen(t, app)
  const socket = await dial(t, app)
  const paths = ['/late/1', '/late/2', '/quick', '/late/3']
  socket.write(paths.map(path => `GET ${path} HTTP/1.1\r\nhost: a\r\n\r\n`).join(''))
  await until(() => asked.length === paths.length)
  socket.destroy()
  await until(() => lines.filter(({ msg }) => msg === 'request').length >= paths.length)
  const requests = lines.filter(({ msg }) => msg === 'request')
  t.same(requests.map(({ path }) => path).sort(), paths.sort())
  for (const { path, aborted, statusCode } of requests) t.match({ aborted, statusCode }, { aborted: true, statusCode: undefined }, String(path))
})

t.test('a client that leaves before its answer has a line without a status', async t => {
  const lines: Array<Record<string, unknown>> = []
  const app = Fastify({ ...serverOptions, logger: { stream: { write: (line: string) => { lines.push(JSON.parse(line)) } } } })
  await app.register(logging)
  let asked = false
  app.get('/late', async () => {
    asked = true
    await new Promise(() => {})
  })
  await listen(t, app)
  const socket = await dial(t, app)
  socket.write('GET /late HTTP/1.1\r\nhost: a\r\n\r\n')
  await until(() => asked)
  socket.destroy()
  await until(() => lines.some(({ msg }) => msg === 'request'))
  const [line, ...others] = lines.filter(({ msg }) => msg === 'request')
  t.match(line, { path: '/late', aborted: true, address: '127.0.0.1' })
  t.equal(line?.['statusCode'], undefined)
  t.same(others, [])
})

t.test('the level of the logger decides which requests have a line, also when it changes', async t => {
  const paths: unknown[] = []
  const app = Fastify({ ...serverOptions, logger: { stream: { write: (line: string) => { paths.push(JSON.parse(line).path) } } } })
  await app.register(logging)
  app.get('/work', async () => 'done')
  app.get('/probe', { config: { quiet: true } }, async () => 'ok')
  t.teardown(() => app.close())
  for (const [level, written] of [['debug', ['/work', '/probe']], ['info', ['/work']], ['warn', []], ['trace', ['/work', '/probe']]] as const) {
    app.log.level = level
    paths.length = 0
    for (const url of ['/work', '/probe']) t.ok((await app.inject(url)).headers['x-request-id'], 'every answer has an id')
    t.same(paths, written, level)
  }
})
