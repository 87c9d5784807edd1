import { EventEmitter, once } from 'node:events'
import type { Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import Fastify from 'fastify'
import t, { type Test } from 'tap'
import { loadConfig } from '../../lib/config.ts'
import connections, { serverOptions } from '../../plugins/connections.ts'
import errors from '../../plugins/errors.ts'
import unanswered from '../../plugins/unanswered.ts'
import { dial, listen, textFrom, until } from '../sockets.ts'

const MEBIBYTE = 1024 * 1024

/** Bytes of bodies that are held without an answer, all together, from which on no large one is let in. */
const BODIES_LIMIT = 256 * MEBIBYTE

/** A service that receives bodies and keeps none of them. */
async function open (t: Test, uploadLimit: number) {
  const app = Fastify({ bodyLimit: uploadLimit })
  const config = loadConfig({ UPLOAD_LIMIT: String(uploadLimit) })
  await app.register(errors, { config })
  await app.register(unanswered)
  await app.register(connections, { config })
  app.addContentTypeParser('image/png', (_request, payload, done) => { payload.on('end', () => done(null)).on('error', done).resume() })
  const letIn = new EventEmitter().setMaxListeners(0)
  // Comes only after all that could refuse a request before its body is read.
  app.addHook('preParsing', async ({ headers }) => { letIn.emit(String(headers['x-request-id'])) })
  app.post('/', { config: { queues: 'normal' } }, async () => 'answer')
  app.post('/unlimited', async () => 'answer')
  await listen(t, app)
  let asked = 0
  /** Announces a body of this size, and tells what the service said to that. */
  const announce = async (bytes: number, path = '/') => {
    const socket = await dial(t, app)
    const id = String(asked++)
    const outcome = Promise.race([once(letIn, id).then(() => 'let in'), textFrom(socket, '}')])
    socket.write(`POST ${path} HTTP/1.1\r\nhost: a\r\nx-request-id: ${id}\r\ncontent-type: image/png\r\ncontent-length: ${bytes}\r\n\r\n`)
    return { socket, outcome: await outcome }
  }
  /** What the service says, after some time, to one more body of this size. */
  const announceUntil = async (bytes: number, isIt: (outcome: string) => boolean) => {
    for (;;) {
      const { socket, outcome } = await announce(bytes)
      socket.destroy()
      if (isIt(outcome)) return outcome
    }
  }
  return { announce, announceUntil }
}

/** Sends so many bytes, or as many as the service takes until it closes the connection. */
async function send (socket: Socket, bytes: number): Promise<void> {
  const piece = Buffer.alloc(4 * MEBIBYTE)
  for (let sent = 0; sent < bytes && !socket.destroyed; sent += piece.length) await new Promise(resolve => socket.write(piece, resolve))
}

t.test('bodies that fill the memory together keep further large ones out', async t => {
  const { announce, announceUntil } = await open(t, 600 * MEBIBYTE)
  const announced = await Promise.all(Array.from({ length: 20 }, async () => await announce(600 * MEBIBYTE)))
  t.same(announced.map(({ outcome }) => outcome), Array.from({ length: 20 }, () => 'let in'), 'announced ones take no memory, however many')
  const sender = announced[0]!.socket
  await send(sender, BODIES_LIMIT + 4 * MEBIBYTE)
  t.match(await announceUntil(MEBIBYTE + 1, outcome => outcome !== 'let in'), /^HTTP\/1\.1 503 .*retry-after.*SRV_OVERLOADED/s)
  t.equal((await announce(MEBIBYTE)).outcome, 'let in', 'a small one is let in all the same')
  t.equal((await announce(600 * MEBIBYTE, '/unlimited')).outcome, 'let in', 'and one that queues no work')
  t.equal(sender.destroyed, false, 'what was let in is still received')
  sender.destroy()
  t.equal(await announceUntil(600 * MEBIBYTE, outcome => outcome === 'let in'), 'let in', 'what is given up leaves its room to others')
})

t.test('many that were let in with nothing cannot fill the memory together: the largest are cut off', async t => {
  const uploadLimit = 64 * MEBIBYTE
  const { announce, announceUntil } = await open(t, uploadLimit)
  const large = await Promise.all(Array.from({ length: 20 }, async () => (await announce(uploadLimit)).socket))
  const { socket: small } = await announce(uploadLimit)
  await send(small, 4 * MEBIBYTE)
  await Promise.all(large.map(async socket => await send(socket, 60 * MEBIBYTE)))
  const left = () => large.filter(({ destroyed }) => !destroyed)
  await until(() => left().length * 60 * MEBIBYTE <= BODIES_LIMIT + uploadLimit)
  t.ok(left().length > 2, `${left().length} of 20 uploads of 60 MiB are left`)
  // With two fewer there is room again, which the service sees when it counts the next time.
  for (const socket of left().slice(0, 2)) socket.destroy()
  await announceUntil(uploadLimit, outcome => outcome === 'let in')
  t.ok(left().length > 0, 'and no more are cut off than need be')
  t.equal(small.destroyed, false, 'one of 4 MiB is none of the largest')
})

t.test('a connection on which nothing moves is closed, but not before its answer is due', async t => {
  const app = Fastify(serverOptions({ DEADLINE_MS: 1000 }, 100))
  app.get('/late', async () => {
    await sleep(500)
    return 'answer'
  })
  await listen(t, app)
  const [silent, asking] = [await dial(t, app), await dial(t, app)]
  const closed = textFrom(silent)
  asking.write('GET /late HTTP/1.1\r\nhost: a\r\n\r\n')
  t.match(await textFrom(asking, 'answer'), /^HTTP\/1\.1 200 .*answer$/s)
  t.equal(await closed, '')
})
