import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { openLoop } from '../../bench/open-loop.ts'

const REQUEST = Buffer.from('POST /predict HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-length: 5\r\n\r\nphoto')

/** Every answer comes long before this. */
const PATIENCE_MS = 60_000

async function serve (t: Test, listener: RequestListener): Promise<number> {
  const server = createServer(listener).listen(0, '127.0.0.1')
  t.teardown(() => { server.closeAllConnections(); server.close() })
  await once(server, 'listening')
  const address = server.address()
  return typeof address === 'object' && address !== null ? address.port : NaN
}

t.test('the loop sends rate × seconds requests and counts every answer by its status; a 503 with Retry-After is a refusal', async t => {
  let asked = 0
  const port = await serve(t, async (request, response) => {
    asked++
    const status = asked % 4 === 0 ? 503 : asked % 10 === 1 ? 500 : 200
    if (asked % 8 === 0) response.setHeader('retry-after', 1)
    let body = ''
    for await (const chunk of request) body += chunk
    response.writeHead(status).end(body)
  })
  const { sent, times, within, refusals } = await openLoop({ port, request: REQUEST, rate: 200, seconds: 0.5, patienceMs: PATIENCE_MS })
  t.equal(sent, 100)
  t.equal(asked, sent)
  t.equal(refusals.length, Math.floor(asked / 8))
  const failed = Array.from({ length: asked }, (_, at) => at + 1).filter(at => at % 4 === 0 ? at % 8 !== 0 : at % 10 === 1).length
  t.equal(times.length, asked - refusals.length - failed)
  t.ok(within <= times.length)
})

t.test('the loop sends every request although the first is not answered', async t => {
  let asked = 0
  const port = await serve(t, async (request, response) => {
    request.resume()
    if (++asked === 10) for (const waiting of held.splice(0)) waiting()
    else await new Promise<void>(resolve => held.push(resolve))
    response.end()
  })
  const held: Array<() => void> = []
  const { sent, times } = await openLoop({ port, request: REQUEST, rate: 50, seconds: 0.2, patienceMs: PATIENCE_MS })
  t.equal(sent, 10)
  t.equal(times.length, 10)
})

t.test('an answer counts when its last byte has come', async t => {
  // The times of the server and those of the loop are of one clock, so their order holds on any machine.
  const waits: number[] = []
  const port = await serve(t, async (request, response) => {
    const arrived = performance.now()
    request.resume()
    response.writeHead(200, { 'content-length': 8 }).write('half')
    await sleep(500)
    waits.push(performance.now() - arrived)
    response.end('half')
  })
  const { sent, times, within } = await openLoop({ port, request: REQUEST, rate: 20, seconds: 0.2, patienceMs: PATIENCE_MS })
  t.equal(within, 0, 'no answer counts while requests are being sent')
  t.equal(times.length, sent)
  t.ok(Math.min(...times) >= Math.min(...waits), 'each time includes the wait for the second half')
})

t.test('a request without an answer, or with a broken connection, is neither answered nor refused', async t => {
  const silent = await serve(t, request => { request.resume() })
  const broken = await serve(t, request => { request.socket.destroy() })
  for (const port of [silent, broken]) {
    const { sent, times, refusals } = await openLoop({ port, request: REQUEST, rate: 50, seconds: 0.2, patienceMs: 200 })
    t.equal(sent, 10)
    t.equal(times.length + refusals.length, 0)
  }
})
