import { once } from 'node:events'
import Fastify, { type FastifyReply } from 'fastify'
import t, { type Test } from 'tap'
import disconnect from '../../plugins/disconnect.ts'
import { dial, listen, textFrom } from '../sockets.ts'

/** A service that calls back with the reply of each request, and answers when it is told to. */
async function open (t: Test) {
  const app = Fastify()
  await app.register(disconnect)
  const replies: FastifyReply[] = []
  const answers: Array<() => void> = []
  let asked = () => {}
  app.post('/', async (_request, reply) => {
    replies.push(reply)
    asked()
    await new Promise<void>(resolve => { answers.push(resolve) })
    return 'answer'
  })
  await listen(t, app)
  return {
    app,
    answer: () => { answers.shift()?.() },
    /** The reply to the request that comes next, in a list: a promise of a reply waits until it is sent. */
    next: async () => {
      if (replies.length === 0) await new Promise<void>(resolve => { asked = resolve })
      return replies.splice(0, 1)
    }
  }
}

const REQUEST = 'POST / HTTP/1.1\r\nhost: a\r\ncontent-type: text/plain\r\ncontent-length: 4\r\n\r\nbody'

/** Resolves when the client is reported gone. */
async function goneFrom (reply: FastifyReply): Promise<void> {
  await new Promise<void>(resolve => { reply.onDisconnect(resolve) })
}

t.test('a client that closes its connection before its answer is reported, also when its whole request was read', async t => {
  const { app, next } = await open(t)
  const socket = await dial(t, app)
  socket.write(REQUEST)
  const [reply] = await next()
  const gone = goneFrom(reply!)
  socket.destroy()
  await gone
})

t.test('a client that is already gone is reported at once', async t => {
  const { app, next } = await open(t)
  const socket = await dial(t, app)
  socket.write(REQUEST)
  const [reply] = await next()
  const closed = once(reply!.raw, 'close')
  socket.destroy()
  await closed
  let gone = 0
  reply!.onDisconnect(() => { gone++ })
  t.equal(gone, 1)
})

t.test('a client that has its answer is never reported, whenever it leaves', async t => {
  const { app, next, answer } = await open(t)
  const socket = await dial(t, app)
  socket.write(REQUEST)
  const [reply] = await next()
  let gone = 0
  reply!.onDisconnect(() => { gone++ })
  answer()
  t.match(await textFrom(socket, 'answer'), /^HTTP\/1\.1 200 /)
  const closed = once(reply!.request.raw.socket, 'close')
  socket.destroy()
  await closed
  t.equal(gone, 0)
})

t.test('every request of a connection is reported once, also those that wait behind the answer to another', async t => {
  const { app, next, answer } = await open(t)
  const socket = await dial(t, app)
  socket.write(REQUEST.repeat(3))
  const gone = [0, 0, 0]
  const replies = [...await next(), ...await next(), ...await next()]
  replies.forEach((reply, at) => reply.onDisconnect(() => { gone[at]!++ }))
  answer()
  await textFrom(socket, 'answer')
  const closed = once(replies[1]!.request.raw.socket, 'close')
  socket.destroy()
  await closed
  t.same(gone, [0, 1, 1])
})
