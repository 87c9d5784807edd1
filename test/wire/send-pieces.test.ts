import { once } from 'node:events'
import fastify from 'fastify'
import t from 'tap'
import { sendPieces } from '../../wire/send-pieces.ts'

const LARGE_BYTES = 300_000

t.test('pieces arrive one after the other, and are freed when they have been sent', async t => {
  const app = fastify()
  t.teardown(() => app.close())
  const head = Buffer.from('head')
  const whole = new Uint8Array(LARGE_BYTES).fill(7)
  const part = new Uint8Array(LARGE_BYTES + 1).fill(9).subarray(1)
  const closed: Array<Promise<unknown>> = []
  app.get('/large', (_request, reply) => {
    closed.push(once(reply.raw, 'close'))
    return sendPieces(reply, [head, whole, part])
  })
  app.get('/small', (_request, reply) => sendPieces(reply, [head, part.subarray(0, 3)]))
  app.get('/one', (_request, reply) => sendPieces(reply, [part]))
  const url = await app.listen({ host: '127.0.0.1', port: 0 })

  const response = await fetch(`${url}/large`)
  t.equal(response.headers.get('content-length'), String(4 + 2 * LARGE_BYTES))
  const expected = Buffer.concat([Buffer.from('head'), Buffer.alloc(LARGE_BYTES, 7), Buffer.alloc(LARGE_BYTES, 9)])
  t.ok(Buffer.from(await response.arrayBuffer()).equals(expected))
  await Promise.all(closed)
  t.equal(whole.length, 0, 'freed')
  t.equal(part.length, LARGE_BYTES, 'others may read what is a part of a larger buffer')

  t.equal((await app.inject('/small')).body, 'head\t\t\t')
  t.equal((await app.inject('/one')).rawPayload.length, LARGE_BYTES)
})
