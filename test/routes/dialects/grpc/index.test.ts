import { createServer, type AddressInfo } from 'node:net'
import { once } from 'node:events'
import { status } from '@grpc/grpc-js'
import t from 'tap'
import { buildApp } from '../../../../app.ts'
import { loadConfig } from '../../../../lib/config.ts'
import { until } from '../../../sockets.ts'
import { connect, INFERENCE, rawCall, requestsTo, serveFake } from './client.ts'

const INFER = `${INFERENCE}/ModelInfer`

t.test('a port that is taken stops the start with one line that names the variable', async t => {
  const taken = createServer().listen(0, '127.0.0.1')
  t.teardown(() => { taken.close() })
  await once(taken, 'listening')
  const address = taken.address()
  if (address === null || typeof address === 'string') throw new Error('it listens on a port')
  const { port }: AddressInfo = address
  const app = await buildApp(loadConfig({ HOST: '127.0.0.1', GRPC_PORT: String(port), MODEL_NAME: 'iris', WORKERS: '0', MAX_BATCH: '1' }), { overload: { delayLimit: Infinity } })
  t.teardown(async () => { await app.close() })
  await t.rejects(async () => await app.ready(), { code: 'SRV_CONFIG_INVALID', message: new RegExp(`^GRPC_PORT=${port} cannot be opened: .*EADDRINUSE[^\n]*$`) })
})

t.test('a shutdown loses no call: those in flight are answered, and new connections are refused', async t => {
  const { app, infer, hold, letGo, model, port } = await serveFake(t)
  hold()
  const answers = Array.from({ length: 20 }, () => infer({}))
  await until(() => model.status().admitted === 20)
  const closed = app.close()
  const other = connect(t, port)
  await until(async () => (await other.infer({})).code === status.UNAVAILABLE)
  letGo()
  t.same((await Promise.all(answers)).map(({ code }) => code), Array.from({ length: 20 }, () => status.OK))
  await closed
})

t.test('a shutdown does not wait for a message that does not arrive, nor for a silent client', async t => {
  const { app, port, infer, lines } = await serveFake(t, {}, { arrivalGraceMs: 100 })
  t.match(await infer({}), { code: status.OK })
  const { socket, data } = await rawCall(t, port, INFER)
  socket.resume()
  socket.write(data(Buffer.from([0, 0, 0, 0, 9, 1])))
  const silent = await rawCall(t, port, '/nowhere')
  silent.socket.resume()
  await until(() => requestsTo(lines, INFER).length === 1)
  await app.close()
  await until(() => requestsTo(lines, INFER).length === 2)
  t.match(requestsTo(lines, INFER), [{ statusCode: 200 }, { statusCode: 503 }])
})
