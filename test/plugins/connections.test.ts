import { once } from 'node:events'
import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import Fastify from 'fastify'
import t from 'tap'
import { serverOptions } from '../../plugins/connections.ts'
import { picture } from '../fixtures/expected.ts'
import { build } from '../helper.ts'

const MEBIBYTE = 1024 * 1024

t.test('bodies that fill the memory together keep further ones out; announced ones do not', async t => {
  const app = await build(t, { UPLOAD_LIMIT: String(600 * MEBIBYTE) })
  await app.listen({ host: '127.0.0.1', port: 0 })
  const { port } = new URL(app.listeningOrigin)
  const open = () => {
    const socket = connect(Number(port), '127.0.0.1')
    socket.write(`POST /predict HTTP/1.1\r\nhost: a\r\ncontent-type: image/png\r\ncontent-length: ${600 * MEBIBYTE}\r\n\r\n`)
    return socket
  }
  const answerTo = async (socket: ReturnType<typeof open>) => await Promise.race([once(socket, 'data').then(String), sleep(500, 'listened to')])

  const announced = Array.from({ length: 20 }, open)
  t.equal(await answerTo(announced[0]!), 'listened to')
  const [sender] = announced
  const piece = Buffer.alloc(16 * MEBIBYTE)
  for (let sent = 0; sent < 528 * MEBIBYTE; sent += piece.length) if (!sender!.write(piece)) await once(sender!, 'drain')
  await sleep(200)
  const refused = open()
  t.match(await answerTo(refused), /^HTTP\/1\.1 503 .*retry-after.*SRV_OVERLOADED/s)
  t.equal((await app.inject('/livez')).statusCode, 200)
  const small = await fetch(`${app.listeningOrigin}/predict`, { method: 'POST', body: picture('rgb.jpg'), headers: { 'content-type': 'image/jpeg' } })
  t.equal(small.status, 200, 'a small one is let in all the same')
  sender!.destroy()
  await sleep(200)
  const later = open()
  t.equal(await answerTo(later), 'listened to', 'what was given up leaves its room to others')
  for (const socket of [...announced, refused, later]) socket.destroy()
})

t.test('many that were let in with nothing cannot fill the memory together', async t => {
  const app = await build(t, { UPLOAD_LIMIT: String(64 * MEBIBYTE) })
  await app.listen({ host: '127.0.0.1', port: 0 })
  const { port } = new URL(app.listeningOrigin)
  const piece = Buffer.alloc(4 * MEBIBYTE)
  const sockets = Array.from({ length: 20 }, () => {
    const socket = connect(Number(port), '127.0.0.1').on('error', () => {})
    socket.write(`POST /predict HTTP/1.1\r\nhost: a\r\ncontent-type: image/png\r\ncontent-length: ${64 * MEBIBYTE}\r\n\r\n`)
    return socket
  })
  await sleep(300)
  await Promise.all(sockets.map(async socket => {
    for (let sent = 0; sent < 60 * MEBIBYTE && !socket.destroyed; sent += piece.length) {
      await new Promise(resolve => socket.write(piece, resolve))
    }
  }))
  await sleep(300)
  const left = sockets.filter(({ destroyed }) => !destroyed)
  t.ok(left.length > 0 && left.length * 60 <= 512 + 64, `${left.length} of 20 uploads of 60 MiB are left`)
  t.equal((await app.inject('/livez')).statusCode, 200)
  for (const socket of sockets) socket.destroy()
})

t.test('a connection on which nothing moves is cut, but not before its answer is due', async t => {
  const app = Fastify(serverOptions({ DEADLINE_MS: 300 }, 200))
  app.get('/late', async () => {
    await sleep(300)
    return 'answer'
  })
  await app.listen({ host: '127.0.0.1', port: 0 })
  t.teardown(() => app.close())
  const { port } = new URL(app.listeningOrigin)
  const silent = connect(Number(port), '127.0.0.1')
  const asking = connect(Number(port), '127.0.0.1')
  asking.write('GET /late HTTP/1.1\r\nhost: a\r\n\r\n')
  const [answer] = await once(asking, 'data')
  t.match(String(answer), /^HTTP\/1\.1 200 .*answer$/s)
  silent.resume()
  await once(silent, 'close')
  t.pass('the silent one was closed by the server')
  asking.destroy()
})
