import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import t, { type Test } from 'tap'
import { closedLoop } from '../../bench/closed-loop.ts'

const REQUEST = Buffer.from('POST /infer HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-length: 6\r\n\r\ntensor')

async function serve (t: Test, listener: RequestListener): Promise<number> {
  const server = createServer(listener).listen(0, '127.0.0.1')
  t.teardown(() => { server.closeAllConnections(); server.close() })
  await once(server, 'listening')
  const address = server.address()
  return typeof address === 'object' && address !== null ? address.port : NaN
}

t.test('each connection has one request in progress, and asks again when the whole answer has come', async t => {
  let asked = 0
  const ports = new Set<number | undefined>()
  const large = Buffer.alloc(300_000, 'x')
  const port = await serve(t, async (request, response) => {
    asked++
    ports.add(request.socket.remotePort)
    for await (const piece of request) t.equal(String(piece), 'tensor')
    response.writeHead(asked % 2 ? 200 : 503, { 'content-length': large.length })
    response.write(large.subarray(0, 100_000))
    setImmediate(() => response.end(large.subarray(100_000)))
  })
  const { times, failed } = await closedLoop({ port, request: REQUEST, connections: 3, seconds: 0.3 })
  t.equal(ports.size, 3)
  t.ok(times.length > 3 && failed > 3, `${times.length} answers 200, ${failed} answers 503`)
  t.ok(asked - times.length - failed <= 3, 'all others are in progress at the end')
})

t.test('the loop ends when every connection is broken', async t => {
  const port = await serve(t, request => { request.socket.destroy() })
  const { times, failed } = await closedLoop({ port, request: REQUEST, connections: 2, seconds: 60 })
  t.same(times, [])
  t.equal(failed, 2)
})
