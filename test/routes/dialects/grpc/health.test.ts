import { Metadata, status, type Client } from '@grpc/grpc-js'
import t from 'tap'
import { until } from '../../../sockets.ts'
import { decode, encode, HEALTH, INFERENCE, serveFake } from './client.ts'

const SERVING = 1
const NOT_SERVING = 2
const SERVICE_UNKNOWN = 3

const question = (service: string) => encode('HealthCheckRequest', { service })

/** Watches a service. */
function watch (client: Client, service: string) {
  const seen: number[] = []
  let code = -1
  const same = (bytes: Buffer) => bytes
  const call = client.makeServerStreamRequest(`${HEALTH}/Watch`, same, same, question(service), new Metadata())
  call.on('data', (bytes: Buffer) => seen.push(decode('HealthCheckResponse', bytes)['status']))
  call.on('error', (error: { code: number }) => { code = error.code })
  return { seen, call, code: () => code }
}

t.test('Check says whether the server, or its service, can answer', async t => {
  const { call, app } = await serveFake(t)
  const check = async (service: string) => await call(`${HEALTH}/Check`, question(service))
  for (const service of ['', INFERENCE.slice(1)]) t.same(decode('HealthCheckResponse', (await check(service)).bytes), { status: SERVING })
  t.match(await check('another'), { code: status.NOT_FOUND, details: "There is no service 'another'; this server has 'inference.GRPCInferenceService'." })
  app.drain()
  t.same(decode('HealthCheckResponse', (await check('')).bytes), { status: NOT_SERVING })
})

t.test('a dead worker is not ready', async t => {
  const { call } = await serveFake(t, {}, { runner: { size: 2, alive: 1 } })
  t.same(decode('HealthCheckResponse', (await call(`${HEALTH}/Check`, question(''))).bytes), { status: NOT_SERVING })
  t.same(decode('ServerReadyResponse', (await call(`${INFERENCE}/ServerReady`, Buffer.alloc(0))).bytes), { ready: false })
  t.same(decode('ServerLiveResponse', (await call(`${INFERENCE}/ServerLive`, Buffer.alloc(0))).bytes), { live: true })
})

t.test('Watch tells each change, and ends when the server closes', async t => {
  const { client, app } = await serveFake(t)
  const [known, unknown, leaving] = [watch(client, ''), watch(client, 'another'), watch(client, '')]
  await until(() => [known, unknown, leaving].every(({ seen }) => seen.length === 1))
  leaving.call.cancel()
  app.drain()
  await until(() => known.seen.length === 2)
  t.same([known.seen, unknown.seen], [[SERVING, NOT_SERVING], [SERVICE_UNKNOWN]])
  await app.close()
  await until(() => known.code() !== -1)
  t.equal(known.code(), status.UNAVAILABLE)
})
