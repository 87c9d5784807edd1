import { EventEmitter, once } from 'node:events'
import Fastify from 'fastify'
import t, { type Test } from 'tap'
import uploads from '../../plugins/uploads.ts'
import errors from '../../plugins/errors.ts'
import { loadConfig } from '../../lib/config.ts'
import shutdown from '../../plugins/shutdown.ts'
import unanswered from '../../plugins/unanswered.ts'
import { registerModel } from './fake-model.ts'
import { dial, listen, textFrom, until } from '../sockets.ts'

/** A service whose `/late` answers when it is told to, and which closes connections as the real one does. */
async function open (t: Test, options: { arrivalGraceMs?: number } = {}) {
  const app = Fastify({ forceCloseConnections: 'idle' })
  await app.register(unanswered)
  await app.register(shutdown, options)
  const events = new EventEmitter()
  app.get('/', async () => 'answer')
  app.get('/late', async () => {
    events.emit('asked')
    await once(events, 'answer')
    return 'late answer'
  })
  app.post('/', async () => 'answer')
  t.teardown(async () => { await app.close() })
  return { app, events, answer: () => { events.emit('answer') } }
}

t.test('a service is ready from its start until its shutdown, and says why it is not', async t => {
  const { app } = await open(t)
  t.match(app.readiness, { ready: false, reason: 'the service is starting' })
  await app.ready()
  t.match(app.readiness, { ready: true, reason: '' })
  app.drain()
  t.match(app.readiness, { ready: false, reason: 'the service is shutting down' })
  t.equal((await app.inject('/')).statusCode, 200, 'requests are still answered')
  await app.close()
})

t.test('a service that closes is no longer ready, also when nobody called drain', async t => {
  const { app } = await open(t)
  await app.ready()
  await app.close()
  t.match(app.readiness, { ready: false, reason: 'the service is shutting down' })
})

t.test('while a service drains, every answer asks the client to close the connection', async t => {
  const { app } = await open(t)
  t.equal((await app.inject('/')).headers.connection, 'keep-alive')
  app.drain()
  t.equal((await app.inject('/')).headers.connection, 'close')
  t.equal((await app.inject('/nowhere')).headers.connection, 'close')
  await app.close()
})

t.test('a shutdown closes connections that are idle, were never used, or have sent half of their headers', async t => {
  const { app } = await open(t)
  await listen(t, app)
  const [idle, unused, half] = [await dial(t, app), await dial(t, app), await dial(t, app)]
  idle.write('GET / HTTP/1.1\r\nhost: a\r\n\r\n')
  t.match(await textFrom(idle, 'answer'), /^HTTP\/1\.1 200 /)
  half.write('GET / HTTP/1.1\r\nhost:')
  const closed = Promise.all([idle, unused, half].map(async socket => await textFrom(socket)))
  await app.close()
  t.same(await closed, ['', '', ''])
})

t.test('a shutdown waits until every request that was accepted is answered', async t => {
  const { app, events, answer } = await open(t)
  await listen(t, app)
  const [asking, unused] = [await dial(t, app), await dial(t, app)]
  const asked = once(events, 'asked')
  asking.write('GET /late HTTP/1.1\r\nhost: a\r\n\r\n')
  await asked
  const [answered, left] = [textFrom(asking), textFrom(unused)]
  let isClosed = false
  const closed = app.close().then(() => { isClosed = true })
  await until(() => !app.readiness.ready)
  answer()
  t.match(await answered, /^HTTP\/1\.1 200 .*connection: close.*late answer$/si)
  t.equal(isClosed, false, 'the answer came before the end of the shutdown')
  await closed
  t.equal(await left, '')
})

t.test('a shutdown answers the upload that arrives meanwhile', async t => {
  const { app } = await open(t)
  await listen(t, app)
  const socket = await dial(t, app)
  socket.write('POST / HTTP/1.1\r\nhost: a\r\ncontent-type: text/plain\r\ncontent-length: 4\r\n\r\nha')
  await until(() => app.unanswered().length === 1)
  let looks = 0
  const { unanswered } = app
  app.unanswered = () => {
    looks++
    return unanswered()
  }
  const closed = app.close()
  // The shutdown has looked, and let it arrive.
  await until(() => looks === 2)
  socket.write('lf')
  t.match(await textFrom(socket), /^HTTP\/1\.1 200 .*answer$/s)
  await closed
})

t.test('a client whose upload does not arrive in time is answered 503, and may read the answer while it still sends', async t => {
  const config = loadConfig({})
  for (const [kind, type, start] of [
    ['raw', 'image/png', 'half'], ['JSON', 'application/json', '{"image":"'],
    ['form', 'multipart/form-data; boundary=b', '--b\r\nContent-Disposition: form-data; name="file"; filename="a.png"\r\nContent-Type: image/png\r\n\r\nhalf']
  ] as const) {
    const lines: string[] = []
    const app = Fastify({ forceCloseConnections: 'idle', logger: { stream: { write: (line: string) => { lines.push(line) } } } })
    await app.register(errors, { config })
    await app.register(unanswered)
    await app.register(shutdown, { arrivalGraceMs: 0 })
    await registerModel(app, { folder: 'tensorfood' })
    await app.register(uploads, { config })
    app.post('/', async () => 'answer')
    await listen(t, app)
    const socket = await dial(t, app)
    socket.write(`POST / HTTP/1.1\r\nhost: a\r\ncontent-type: ${type}\r\ncontent-length: 1000000\r\n\r\n${start}`)
    await until(() => app.unanswered().length === 1)
    const received = textFrom(socket)
    const resets: Error[] = []
    socket.on('error', error => { resets.push(error) })
    const closed = app.close()
    const sending = setInterval(() => { if (socket.writable) socket.write('more') }, 1)
    const answer = await received
    clearInterval(sending)
    t.match(answer, /^HTTP\/1\.1 503 .*connection: close.*"statusCode":503,"code":"SRV_NOT_READY"/si, kind)
    await closed
    t.notMatch(lines.join(''), /already sent/, 'and the reader of the body answers nothing')
    t.same(resets, [])
  }
})

t.test('an upload that stalls does not hold a shutdown, and costs no other request its answer', async t => {
  const { app, events, answer } = await open(t, { arrivalGraceMs: 0 })
  await listen(t, app)
  const [stalled, asking] = [await dial(t, app), await dial(t, app)]
  const asked = once(events, 'asked')
  stalled.write('POST / HTTP/1.1\r\nhost: a\r\ncontent-type: text/plain\r\ncontent-length: 4\r\n\r\nha')
  asking.write('GET /late HTTP/1.1\r\nhost: a\r\n\r\n')
  await asked
  await until(() => app.unanswered().length === 2)
  const answered = textFrom(asking)
  const closed = app.close()
  t.match(await textFrom(stalled), /^HTTP\/1\.1 503 /, 'the stalled one is refused')
  answer()
  t.match(await answered, /^HTTP\/1\.1 200 .*late answer$/s)
  await closed
})
