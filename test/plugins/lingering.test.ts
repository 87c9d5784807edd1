import { once } from 'node:events'
import { connect } from 'node:net'
import Fastify from 'fastify'
import t, { type Test } from 'tap'
import { loadConfig } from '../../lib/config.ts'
import errors from '../../plugins/errors.ts'
import lingering from '../../plugins/lingering.ts'
import { dial, listen, textFrom } from '../sockets.ts'

const MEBIBYTE = 1024 * 1024
const PIECE = Buffer.alloc(64 * 1024, 'x')

async function open (t: Test, limitBytes?: number) {
  const app = Fastify({ bodyLimit: 100_000 })
  await app.register(errors, { config: loadConfig({}) })
  await app.register(lingering, limitBytes === undefined ? {} : { limitBytes })
  app.addContentTypeParser('image/png', { parseAs: 'buffer' }, (_request, body, done) => done(null, body))
  app.post('/', async () => 'answer')
  app.post('/refused', { onRequest: async (_request, reply) => await reply.code(401).send({ refused: true }) }, async () => 'answer')
  await listen(t, app)
  return app
}

/** Sends a whole request before it reads the first byte of the answer, as many clients do. */
async function sendAll (t: Test, port: number, head: string, pieces: Array<string | Buffer>): Promise<string> {
  const socket = connect({ port, host: '127.0.0.1' })
  const failures: string[] = []
  socket.on('error', ({ message }) => failures.push(message))
  t.teardown(() => socket.destroy())
  socket.pause()
  for (const piece of [head, ...pieces]) await new Promise(resolve => socket.write(piece, resolve))
  const answer = textFrom(socket)
  socket.resume()
  const received = await answer
  t.same(failures, [], 'the connection is not reset')
  return received
}

t.test('a client that sends all of its request first still reads why it was refused', async t => {
  const app = await open(t)
  const port = Number(new URL(app.listeningOrigin).port)
  const chunks = [...Array.from({ length: 320 }, () => Buffer.concat([Buffer.from(`${PIECE.length.toString(16)}\r\n`), PIECE, Buffer.from('\r\n')])), '0\r\n\r\n']
  const head = (path: string, more: string) => `POST ${path} HTTP/1.1\r\nhost: a\r\ncontent-type: image/png\r\n${more}\r\n`

  for (const close of ['', 'connection: close\r\n']) {
    t.test(`where the body has no length, ${close ? 'and the client closes' : 'and the client may go on'}`, async t => {
      t.match(await sendAll(t, port, head('/', `${close}transfer-encoding: chunked\r\n`), chunks), /^HTTP\/1\.1 413 .*SRV_BODY_TOO_LARGE/s)
      t.match(await sendAll(t, port, head('/refused', `${close}transfer-encoding: chunked\r\n`), chunks), /^HTTP\/1\.1 401 /)
    })

    t.test(`where the body is announced, ${close ? 'and the client closes' : 'and the client may go on'}`, async t => {
      const pieces = Array.from({ length: 320 }, () => PIECE)
      t.match(await sendAll(t, port, head('/', `${close}content-length: ${320 * PIECE.length}\r\n`), pieces), /^HTTP\/1\.1 413 /)
      t.match(await sendAll(t, port, head('/refused', `${close}content-length: ${320 * PIECE.length}\r\n`), pieces), /^HTTP\/1\.1 401 /)
    })
  }
})

t.test('a client that never stops is cut off', async t => {
  const app = await open(t, 4 * MEBIBYTE)
  const socket = await dial(t, app)
  const closed = once(socket, 'close')
  socket.write('POST / HTTP/1.1\r\nhost: a\r\ncontent-type: image/png\r\ntransfer-encoding: chunked\r\n\r\n')
  const send = () => { while (!socket.destroyed && socket.write(`${PIECE.length.toString(16)}\r\n${PIECE.toString()}\r\n`)); }
  socket.on('drain', send).resume()
  send()
  await closed
  t.pass()
})

t.test('a client whose small body was refused keeps its connection', async t => {
  const app = await open(t)
  const socket = await dial(t, app)
  socket.write('POST /refused HTTP/1.1\r\nhost: a\r\ncontent-type: image/png\r\ncontent-length: 3\r\n\r\n')
  t.match(await textFrom(socket, '}'), /^HTTP\/1\.1 401 .*connection: keep-alive/is)
  socket.write('abcPOST / HTTP/1.1\r\nhost: a\r\ncontent-type: image/png\r\ncontent-length: 3\r\n\r\nabc')
  t.match(await textFrom(socket, 'answer'), /^HTTP\/1\.1 200 /)
})
