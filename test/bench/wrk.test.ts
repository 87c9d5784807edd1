import { once } from 'node:events'
import { createServer } from 'node:http'
import t from 'tap'
import { json } from '../../bench/request.ts'
import { hasWrk, wrkLoad } from '../../bench/wrk.ts'

t.test('wrk sends the request as it is, and answers with an error status count as errors', { skip: hasWrk ? false : 'needs wrk' }, async t => {
  const [got, statuses] = [new Set<string>(), [0, 0]]
  const server = createServer(async (request, response) => {
    let body = ''
    for await (const chunk of request) body += chunk
    got.add(`${request.method} ${request.url} ${request.headers['content-type']} ${body}`)
    const isError = statuses[0]! > 2 * statuses[1]!
    statuses[isError ? 1 : 0]!++
    response.writeHead(isError ? 503 : 200).end('answer')
  }).listen(0, '127.0.0.1')
  t.teardown(() => { server.closeAllConnections(); server.close() })
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : NaN
  const { answers, errors, rate, p50, p99 } = await wrkLoad(`http://127.0.0.1:${port}`, json('/predict?top_k=1', [5.9, 3]), 2, 1, 30)
  t.same([...got], ['POST /predict?top_k=1 application/json [5.9,3]'])
  // The last requests may have no answer when the time is over.
  t.ok(Math.abs(answers - statuses[0]!) <= 2)
  t.ok(Math.abs(errors - statuses[1]!) <= 2)
  t.ok(rate > 0 && p50 > 0 && p99 >= p50)
})
