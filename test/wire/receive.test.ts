import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import { connect, type AddressInfo } from 'node:net'
import { Readable } from 'node:stream'
import fastify from 'fastify'
import t, { type Test } from 'tap'
import { collect, receive, receiveText } from '../../wire/receive.ts'

/** Receives a body over a connection. The pieces are sent as they are, after the headers. */
async function received (t: Test, headers: string, pieces: Buffer[], limit: number, offset = 0): Promise<Buffer> {
  const server = createServer()
  t.teardown(() => server.close())
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1')
  t.teardown(() => socket.destroy())
  socket.on('error', () => {}).write(`POST / HTTP/1.1\r\nhost: a\r\n${headers}\r\n\r\n`)
  const [request] = await once(server, 'request') as [IncomingMessage]
  const body = receive(request, limit, offset)
  body.catch(() => {})
  for (const piece of pieces) await new Promise(resolve => socket.write(piece, resolve))
  if (!headers.includes('chunked') && pieces.reduce((sum, { length }) => sum + length, 0) < Number(headers.split(' ')[1])) socket.destroy()
  return await body
}

const chunk = (bytes: Buffer) => Buffer.concat([Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, Buffer.from('\r\n')])
const LARGE = Buffer.from(Array.from({ length: 3_000_000 }, (_, at) => at * 31))

t.test('a body arrives whole, with and without an announced length', async t => {
  for (const body of [Buffer.alloc(0), Buffer.from('abc'), LARGE]) {
    t.ok((await received(t, `content-length: ${body.length}`, [body], 4_000_000)).equals(body), `${body.length} bytes`)
    const pieces = [body.subarray(0, 1000), body.subarray(1000)].filter(({ length }) => length > 0).map(chunk)
    t.ok((await received(t, 'transfer-encoding: chunked', [...pieces, chunk(Buffer.alloc(0))], 4_000_000)).equals(body), `${body.length} bytes in chunks`)
  }
})

t.test('a body has memory of its own: it can move to a worker, and shares no bytes with other requests', async t => {
  const body = await received(t, 'content-length: 3', [Buffer.from('abc')], 100)
  t.equal(body.buffer.byteLength, 3)
})

t.test('a body over the limit is refused, and its sender can go on sending', async t => {
  await t.rejects(received(t, `content-length: ${LARGE.length}`, [LARGE], 2_999_999), { statusCode: 413, code: 'SRV_BODY_TOO_LARGE' })
  await t.rejects(received(t, 'transfer-encoding: chunked', [chunk(LARGE), chunk(Buffer.from('more')), chunk(Buffer.alloc(0))], 1000), { code: 'SRV_BODY_TOO_LARGE' })
  t.equal((await received(t, 'content-length: 1000', [LARGE.subarray(0, 1000)], 1000)).length, 1000)
})

t.test('a connection that breaks fails', async t => {
  await t.rejects(received(t, 'content-length: 100', [Buffer.from('abc')], 1000), { code: 'ECONNRESET' })
})

t.test('a body begins where it is asked to in its memory, whatever its size', async t => {
  for (const body of [Buffer.from('abc'), LARGE]) {
    for (const headers of [`content-length: ${body.length}`, 'transfer-encoding: chunked']) {
      const pieces = headers.includes('chunked') ? [chunk(body.subarray(0, 2)), chunk(body.subarray(2)), chunk(Buffer.alloc(0))] : [body]
      const memory = await received(t, headers, pieces, 4_000_000, 5)
      t.ok(memory.equals(body), headers)
      t.equal(memory.byteOffset, 5)
    }
  }
})

t.test('a stream of unknown length is collected, up to the limit', async t => {
  const pieces = [LARGE.subarray(0, 1000), LARGE.subarray(1000, 2_000_000), LARGE.subarray(2_000_000)]
  t.ok((await collect(Readable.from(pieces), LARGE.length)).equals(LARGE))
  await t.rejects(collect(Readable.from(pieces), LARGE.length - 1), { code: 'SRV_BODY_TOO_LARGE' })
})

t.test('pieces are freed at once if nothing else reads them, and only then', async t => {
  const whole = (value: number) => Buffer.from(new Uint8Array(20_000).fill(value).buffer)
  const [own, other] = [whole(1), whole(2)]
  const part = whole(3).subarray(1)
  t.ok((await collect(Readable.from([own, part]), 50_000, { isOwn: true })).equals(Buffer.concat([whole(1), whole(3).subarray(1)])))
  t.equal(own.length, 0)
  t.equal(part.length, 19_999)
  await collect(Readable.from([other]), 50_000)
  t.equal(other.length, 20_000)
})

t.test('a body that is injected stays that of its caller', async t => {
  const app = fastify()
  t.teardown(() => app.close())
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', async (_request: unknown, payload: IncomingMessage) => await receive(payload, 20_000))
  app.post('/', async ({ body }) => body)
  const payload = Buffer.from(new Uint8Array(20_000).fill(1).buffer)
  t.ok((await app.inject({ method: 'POST', url: '/', payload })).rawPayload.equals(payload))
  t.equal(payload.length, 20_000)
})

t.test('a small body becomes text, whole characters even where its pieces divide one', async t => {
  const server = createServer()
  t.teardown(() => server.close())
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const text = '["Grüße", "🌷"]'
  const bytes = Buffer.from(text)
  for (const ends of [[], [1], [bytes.indexOf('ü') + 1], [4, bytes.length - 4]]) {
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1')
    t.teardown(() => socket.destroy())
    socket.write(`POST / HTTP/1.1\r\nhost: a\r\ncontent-length: ${bytes.length}\r\n\r\n`)
    const [request] = await once(server, 'request') as [IncomingMessage]
    const received = new Promise<string>((resolve, reject) => {
      receiveText(request, (error, text) => error ? reject(error) : resolve(text))
    })
    const pieces = [0, ...ends].map((begin, at) => bytes.subarray(begin, ends[at]))
    for (const piece of pieces) {
      socket.write(piece)
      await new Promise(resolve => { setImmediate(resolve) })
    }
    t.equal(await received, text, `divided at ${ends.join(' and ') || 'no place'}`)
  }
})

t.test('a connection that breaks within a small body fails once', async t => {
  const server = createServer()
  t.teardown(() => server.close())
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1')
  socket.on('error', () => {}).write('POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 100\r\n\r\nabc')
  const [request] = await once(server, 'request') as [IncomingMessage]
  const calls: Array<Error | null> = []
  const broken = new Promise<void>(resolve => {
    receiveText(request, error => {
      calls.push(error)
      resolve()
    })
  })
  socket.destroy()
  await broken
  if (!request.closed) await once(request, 'close')
  t.match(calls, [{ code: 'ECONNRESET' }])
  t.equal(calls.length, 1)
})
