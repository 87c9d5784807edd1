import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { openLoop } from '../../bench/open-loop.ts'

const REQUEST = Buffer.from('POST /predict HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-length: 5\r\n\r\nphoto')

async function serve (t: Test, listener: RequestListener): Promise<number> {
  const server = createServer(listener).listen(0, '127.0.0.1')
  t.teardown(() => { server.closeAllConnections(); server.close() })
  await once(server, 'listening')
  const address = server.address()
  return typeof address === 'object' && address !== null ? address.port : NaN
}

t.test('requests come at their rate, and every answer is counted by its status: 503 is a refusal when it says when to try again', async t => {
  let asked = 0
  const port = await serve(t, async (request, response) => {
    asked++
    const status = asked % 4 === 0 ? 503 : asked % 10 === 1 ? 500 : 200
    if (asked % 8 === 0) response.setHeader('retry-after', 1)
    let body = ''
    for await (const chunk of request) body += chunk
    response.writeHead(status).end(body)
  })
  const { sent, times, within, refusals, elapsed } = await openLoop({ port, request: REQUEST, rate: 200, duration: 0.5, patience: 2000 })
  t.equal(sent, asked)
  t.ok(Math.abs(sent - 200 * elapsed) <= 2, `${sent} requests in ${elapsed} s`)
  t.equal(refusals.length, Math.floor(asked / 8))
  const failed = Array.from({ length: asked }, (_, at) => at + 1).filter(at => at % 4 === 0 ? at % 8 !== 0 : at % 10 === 1).length
  t.equal(times.length, asked - refusals.length - failed)
  t.ok(within <= times.length)
})

t.test('a late answer is waited for to its last byte, and measured from when its request was due', async t => {
  const port = await serve(t, async (request, response) => {
    request.resume()
    await sleep(300)
    response.writeHead(200, { 'content-length': 8 }).write('half')
    await sleep(100)
    response.end('half')
  })
  const { sent, times, within } = await openLoop({ port, request: REQUEST, rate: 20, duration: 0.2, patience: 5000 })
  t.equal(within, 0, 'none came while requests were sent')
  t.equal(times.length, sent)
  t.ok(times.every(time => time >= 399), `${times}`)
})

t.test('what is not answered, or broken off, is neither answered nor refused', async t => {
  const silent = await serve(t, request => { request.resume() })
  const broken = await serve(t, request => { request.socket.destroy() })
  for (const port of [silent, broken]) {
    const { sent, times, refusals } = await openLoop({ port, request: REQUEST, rate: 50, duration: 0.2, patience: 200 })
    t.ok(sent >= 9)
    t.equal(times.length + refusals.length, 0)
  }
})
