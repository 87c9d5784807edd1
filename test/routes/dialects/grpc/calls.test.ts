import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { status, type ClientUnaryCall } from '@grpc/grpc-js'
import t from 'tap'
import { until } from '../../../sockets.ts'
import { decode, encode, INFERENCE, HEALTH, rawCall, requestsTo, series, serve, serveFake, VIRGINICA } from './client.ts'

const API_KEYS = 'laboratory:correct-horse-battery,kiosk:staple-of-the-kitchen'
const KEY = { 'x-api-key': 'correct-horse-battery' }
const INFER = `${INFERENCE}/ModelInfer`

/** What the series of the metrics call a request for an inference. */
const inferSeries = (status: number) => `method="POST",route="${INFER}",status="${status}",dialect="grpc"`

t.test('API keys come as metadata, and what does not ask the model is open', async t => {
  const { call, infer, lines } = await serveFake(t, { API_KEYS })
  t.match(await infer({}), { code: status.UNAUTHENTICATED, details: 'This request needs an API key; send one as Authorization: Bearer KEY.' })
  t.match(await infer({}, { headers: { authorization: 'Bearer wrong' } }), { code: status.UNAUTHENTICATED })
  t.match(await infer({}, { headers: { authorization: 'Bearer staple-of-the-kitchen' } }), { code: status.OK })
  t.match(await infer({}, { headers: KEY }), { code: status.OK })
  for (const method of ['ServerLive', 'ServerReady', 'ServerMetadata']) t.match(await call(`${INFERENCE}/${method}`, Buffer.alloc(0)), { code: status.OK })
  t.match(await call(`${HEALTH}/Check`, Buffer.alloc(0)), { code: status.OK })
  await until(() => requestsTo(lines, INFER).length === 4)
  t.match(requestsTo(lines, INFER), [{ statusCode: 401 }, { statusCode: 401 }, { statusCode: 200, client: 'kiosk' }, { statusCode: 200, client: 'laboratory' }])
})

t.test('a rate limit is RESOURCE_EXHAUSTED, and says when to try again', async t => {
  const { infer, app } = await serveFake(t, { API_KEYS, RATE_LIMIT: '1' })
  t.match(await infer({}, { headers: KEY }), { code: status.OK })
  const refused = await infer({}, { headers: KEY })
  t.match(refused, { code: status.RESOURCE_EXHAUSTED, details: /Too many requests came from laboratory/ })
  t.ok(Number(refused.metadata['retry-after']) > 0 && Number(refused.metadata['retry-after']) <= 60)
  await until(async () => (await series(app, 'servery_http_request_duration_seconds_count'))[inferSeries(429)] === 1)
})

t.test('a full queue is UNAVAILABLE before the message is read', async t => {
  const { infer, hold, letGo, model, app } = await serveFake(t, {}, { queueLimit: 1 })
  hold()
  const first = infer({})
  await until(() => model.status().admitted === 1)
  const refused = await infer({})
  t.match(refused, { code: status.UNAVAILABLE, details: /Over capacity/ })
  t.ok(Number(refused.metadata['retry-after']) >= 1)
  letGo()
  t.match(await first, { code: status.OK })
  t.equal((await series(app, 'servery_rejected_total'))['reason="queue_full",dialect="grpc"'], 1)
})

t.test('a client that leaves cancels its work', async t => {
  const { infer, hold, model, app, lines } = await serveFake(t)
  hold()
  const calls: ClientUnaryCall[] = []
  const outcome = infer({}, { onStart: (call: ClientUnaryCall) => calls.push(call) })
  await until(() => model.status().admitted === 1)
  for (const call of calls) call.cancel()
  t.match(await outcome, { code: status.CANCELLED })
  await until(async () => (await series(app, 'servery_rejected_total'))['reason="disconnected",dialect="grpc"'] === 1)
  t.match(requestsTo(lines, INFER), [{ aborted: true }])
  t.equal((await series(app, 'servery_http_request_duration_seconds_count'))[inferSeries(499)], 1)
})

t.test('a deadline passes: that of the service, that of the call, or the timeout of the request', async t => {
  const { infer, hold, letGo, app } = await serveFake(t)
  hold()
  t.match(await infer({ parameters: { timeout: { int64_param: 1000 } } }), { code: status.DEADLINE_EXCEEDED, details: /No answer within 1 ms \(parameter 'timeout' of the request\)/ })
  t.match(await infer({}, { deadline: Date.now() + 50 }), { code: status.DEADLINE_EXCEEDED })
  await until(async () => (await series(app, 'servery_rejected_total'))['reason="deadline",dialect="grpc"'] === 2)
  t.equal((await series(app, 'servery_http_request_duration_seconds_count'))[inferSeries(504)], 2)
  letGo()
  const short = await serveFake(t, { DEADLINE_MS: '1' })
  short.hold()
  t.match(await short.infer({}), { code: status.DEADLINE_EXCEEDED, details: 'No answer within 1 ms (DEADLINE_MS); try again later.' })
})

t.test('a call is counted and logged as a request of HTTP is', async t => {
  const log = join(t.testdir(), 'predictions.log')
  const { app, infer, lines } = await serve(t, { PREDICTION_LOG: log })
  t.match(await infer({ ...VIRGINICA }, { headers: { 'x-request-id': 'flower-1' } }), { code: status.OK })
  t.match(await infer({}, { headers: { 'x-request-id': 'flower-2' } }), { code: status.INVALID_ARGUMENT })
  await until(() => requestsTo(lines, INFER).length === 2)
  t.match(requestsTo(lines, INFER), [
    { level: 30, reqId: 'flower-1', method: 'POST', statusCode: 200, address: '127.0.0.1', inputs: 1, model: 'iris', version: '1', label: 'virginica', durationMs: Number },
    { level: 30, reqId: 'flower-2', statusCode: 400 }
  ])
  t.same(await series(app, 'servery_http_request_duration_seconds_count'), { [inferSeries(200)]: 1, [inferSeries(400)]: 1 })
  t.same(await series(app, 'servery_predictions_total'), { 'label="virginica",dialect="grpc"': 1 })
  const stages = await series(app, 'servery_stage_duration_seconds_count')
  for (const stage of ['decode', 'queue', 'infer', 'send']) t.equal(stages[`stage="${stage}",dialect="grpc"`], 1, stage)
  await app.close()
  t.match(JSON.parse(readFileSync(log, 'utf8')), { reqId: 'flower-1', model: 'iris', label: 'virginica' })
})

t.test('probes are logged at level debug', async t => {
  const { call, lines } = await serveFake(t)
  await call(`${INFERENCE}/ServerReady`, Buffer.alloc(0))
  await until(() => requestsTo(lines, `${INFERENCE}/ServerReady`).length === 1)
  t.match(requestsTo(lines, `${INFERENCE}/ServerReady`), [{ level: 20, statusCode: 200 }])
})

t.test('what the service did not expect is INTERNAL, without details, and is logged', async t => {
  const { infer, model, lines } = await serveFake(t)
  Object.assign(model, { infer: async () => { throw new Error('a secret') } })
  const outcome = await infer({}, { headers: { 'x-request-id': 'odd' } })
  t.match(outcome, { code: status.INTERNAL, details: /^Internal error/, metadata: { 'x-request-id': 'odd' } })
  t.match(lines.find(({ msg }) => msg === 'request failed'), { reqId: 'odd', err: { message: 'a secret' } })
})

t.test('a message over a limit is RESOURCE_EXHAUSTED before it has arrived', async t => {
  const { app, call, infer } = await serveFake(t, { UPLOAD_LIMIT: '100000' })
  t.match(await infer({ raw_input_contents: [Buffer.alloc(100_000)] }), { code: status.RESOURCE_EXHAUSTED, details: /over the limit of 100000 bytes \(UPLOAD_LIMIT\)/ })
  t.match(await infer({ raw_input_contents: [Buffer.alloc(99_900)] }), { code: status.INVALID_ARGUMENT, details: /0 inputs and 1 raw_input_contents/ })
  t.match(await call(`${INFERENCE}/ModelReady`, encode('ModelReadyRequest', { name: 'x'.repeat(70_000) })), { code: status.RESOURCE_EXHAUSTED, details: /65536 bytes for a call of/ })
  t.match(await infer({}), { code: status.OK })
  await until(async () => (await series(app, 'servery_http_request_duration_seconds_count'))[inferSeries(413)] === 1)
})

t.test('a message that unpacks to more than the limit is RESOURCE_EXHAUSTED', async t => {
  const { call, infer, port } = await serveFake(t, { UPLOAD_LIMIT: '1000000' })
  t.match(await infer({}), { code: status.OK })
  const bomb = gzipSync(Buffer.alloc(600 * 1024 * 1024))
  const { socket, data } = await rawCall(t, port, INFER)
  const prefix = Buffer.alloc(5)
  prefix[0] = 1
  prefix.writeUInt32BE(bomb.length, 1)
  for (let at = 0; at < bomb.length; at += 16_000) socket.write(data(at === 0 ? Buffer.concat([prefix, bomb.subarray(0, 16_000)]) : bomb.subarray(at, at + 16_000)))
  const [answer] = await once(socket, 'data')
  t.ok(answer.length > 0)
  t.ok(process.memoryUsage().rss < 1024 ** 3)
  t.match(await call(`${INFERENCE}/ServerLive`, Buffer.alloc(0)), { code: status.OK })
})

t.test('a message in frames of one byte ends before it takes much memory', async t => {
  const { port, lines, infer } = await serveFake(t)
  const { socket, data } = await rawCall(t, port, INFER)
  socket.resume()
  const prefix = Buffer.alloc(5)
  prefix.writeUInt32BE(1_000_000, 1)
  socket.write(data(prefix))
  const frames = Buffer.concat(Array.from({ length: 1000 }, () => data(Buffer.alloc(1))))
  // The window of a stream is 65535 bytes; the service opens it again as it reads.
  for (let at = 0; at < 60 && requestsTo(lines, INFER).length === 0; at++) {
    socket.write(frames)
    await new Promise(resolve => { setTimeout(resolve, 2) })
  }
  await until(() => requestsTo(lines, INFER).length === 1)
  t.match(requestsTo(lines, INFER), [{ statusCode: 413 }])
  t.match(await infer({}), { code: status.OK })
})

t.test('other bytes than HTTP/2, and calls that are no gRPC, do no harm', async t => {
  const { port, infer } = await serveFake(t)
  for (const text of ['GET / HTTP/1.1\r\nhost: a\r\n\r\n', '\x16\x03\x01\x02\x00\x01\x00\x01', '\0'.repeat(100_000)]) {
    const { socket } = await rawCall(t, port, '/nowhere')
    socket.write(text)
    socket.resume()
    t.match(await infer({}), { code: status.OK })
    socket.destroy()
  }
  t.match(await infer({}), { code: status.OK })
})

t.test('concurrent calls get each their own answer', async t => {
  const { infer } = await serve(t, { WORKERS: '2' })
  const numbers = Array.from({ length: 200 }, (_, at) => at)
  const answers = await Promise.all(numbers.map(async at => {
    const { bytes } = await infer({ id: String(at), inputs: [{ name: 'X', datatype: 'FP32', shape: [1 + at % 3, 4], contents: { fp32_contents: Array.from({ length: 4 * (1 + at % 3) }, (_, index) => index + at % 7) } }] })
    const { id, outputs: [{ shape }] } = decode('ModelInferResponse', bytes)
    return [id, shape]
  }))
  t.same(answers, numbers.map(at => [String(at), [1 + at % 3]]))
})
