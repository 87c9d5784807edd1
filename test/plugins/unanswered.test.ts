import { EventEmitter, once } from 'node:events'
import Fastify from 'fastify'
import t, { type Test } from 'tap'
import unanswered from '../../plugins/unanswered.ts'
import { dial, listen, textFrom, until } from '../sockets.ts'

/** A service that answers the requests in their order, each when it is told to. */
async function open (t: Test) {
  const app = Fastify({ bodyLimit: 1_000_000 })
  await app.register(unanswered)
  const events = new EventEmitter()
  let asked = 0
  app.addContentTypeParser('text/plain', (_request, payload, done) => { payload.on('end', () => done(null, 'read')).resume() })
  app.post('/', async () => {
    const own = asked++
    events.emit('asked')
    await once(events, `answer ${own}`)
    return `answer ${own}`
  })
  await listen(t, app)
  return { app, events, asked: () => asked, answer: (request: number) => { events.emit(`answer ${request}`) } }
}

function head (bodyBytes: number): string {
  return `POST / HTTP/1.1\r\nhost: a\r\ncontent-type: text/plain\r\ncontent-length: ${bodyBytes}\r\n\r\n`
}

t.test('a request is unanswered from its headers on until its answer is out', async t => {
  const { app, asked, answer } = await open(t)
  const socket = await dial(t, app)
  t.same(app.unanswered(), [], 'a connection without a request is none')
  socket.write(head(3))
  await until(() => app.unanswered().length === 1)
  t.equal(app.unanswered()[0]!.response.req.complete, false)
  socket.write('abc')
  await until(() => asked() === 1)
  t.equal(app.unanswered()[0]!.response.req.complete, true)
  answer(0)
  await textFrom(socket, 'answer 0')
  await until(() => app.unanswered().length === 0)
})

t.test('the bytes of a body count as they arrive, not as they are announced', async t => {
  const { app } = await open(t)
  const socket = await dial(t, app)
  socket.write(head(900_000))
  await until(() => app.unanswered().length === 1)
  t.equal(app.unanswered()[0]!.receivedBytes, 0)
  for (const sent of [1000, 500_000, 700_000]) {
    socket.write(Buffer.alloc(sent - app.unanswered()[0]!.receivedBytes))
    await until(() => app.unanswered()[0]!.receivedBytes >= sent)
    t.equal(app.unanswered()[0]!.receivedBytes, sent)
  }
})

t.test('a connection that is used again counts from its new request on', async t => {
  const { app, asked, answer } = await open(t)
  const socket = await dial(t, app)
  socket.write(head(100_000))
  socket.write(Buffer.alloc(100_000))
  await until(() => asked() === 1)
  answer(0)
  await textFrom(socket, 'answer 0')
  await until(() => app.unanswered().length === 0)
  socket.write(head(1000))
  await until(() => app.unanswered().length === 1)
  socket.write(Buffer.alloc(10))
  await until(() => app.unanswered()[0]!.receivedBytes > 0)
  t.equal(app.unanswered()[0]!.receivedBytes, 10)
})

t.test('requests that are sent without waiting for answers count together, from the first of them on', async t => {
  const { app, asked, answer } = await open(t)
  const socket = await dial(t, app)
  socket.write(head(50_000))
  await until(() => app.unanswered().length === 1)
  socket.write(Buffer.alloc(50_000))
  await until(() => asked() === 1)
  const second = head(60_000)
  socket.write(second)
  socket.write(Buffer.alloc(60_000))
  await until(() => asked() === 2)
  t.equal(app.unanswered().length, 1, 'one for each connection')
  t.equal(app.unanswered()[0]!.receivedBytes, 50_000 + second.length + 60_000)
  answer(0)
  await textFrom(socket, 'answer 0')
  t.equal(app.unanswered().length, 1, 'the second waits for its answer still')
  answer(1)
  await textFrom(socket, 'answer 1')
  await until(() => app.unanswered().length === 0)
})

t.test('each connection has its own', async t => {
  const { app, asked, answer } = await open(t)
  const [first, second] = [await dial(t, app), await dial(t, app)]
  first.write(head(0))
  await until(() => asked() === 1)
  second.write(head(0))
  await until(() => asked() === 2)
  t.equal(app.unanswered().length, 2)
  answer(0)
  await textFrom(first, 'answer 0')
  await until(() => app.unanswered().length === 1)
  t.equal(app.unanswered()[0]!.socket.remotePort, second.localPort)
})

t.test('a client that leaves takes its request with it', async t => {
  const { app, asked } = await open(t)
  const socket = await dial(t, app)
  socket.write(head(0) + head(0))
  await until(() => asked() === 2)
  socket.destroy()
  await until(() => app.unanswered().length === 0)
})

t.test('a request that came over no connection is none', async t => {
  const { app, answer, events } = await open(t)
  const asked = once(events, 'asked')
  const injected = app.inject({ method: 'POST', url: '/' })
  await asked
  t.same(app.unanswered(), [])
  answer(0)
  t.equal((await injected).statusCode, 200)
})
