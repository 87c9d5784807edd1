import { once } from 'node:events'
import { createServer } from 'node:http'
import t from 'tap'
import { untilReady } from '../../bench/readiness.ts'

t.test('it waits for the first answer 200, over refusals and other answers', async t => {
  let asked = 0
  const server = createServer((request, response) => {
    asked++
    response.writeHead(request.url === '/readyz' && asked > 3 ? 200 : 503).end()
  }).listen(0, '127.0.0.1')
  t.teardown(() => { server.closeAllConnections(); server.close() })
  await once(server, 'listening')
  const address = server.address()
  await untilReady(typeof address === 'object' && address !== null ? address.port : NaN, '/readyz', 60_000)
  t.equal(asked, 4)
})

t.test('it gives up in time', async t => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : NaN
  server.close()
  await once(server, 'close')
  await t.rejects(untilReady(port, '/readyz', 10), { message: 'no answer 200 of /readyz within 10 ms' })
})
