import { setTimeout as sleep } from 'node:timers/promises'
import Fastify from 'fastify'
import t, { type Test } from 'tap'
import { loadConfig } from '../../lib/config.ts'
import errors from '../../plugins/errors.ts'
import overload from '../../plugins/overload.ts'
import { FLOWER } from '../lib/model.ts'
import { dial, listen, textFrom } from '../sockets.ts'
import { registerModel } from './fake-model.ts'

const ask = { topK: 1, deadline: 600_000 }

/** A service with a queue of eight places. */
async function open (t: Test) {
  const app = Fastify()
  const fake = await registerModel(app, { queueLimit: 8 })
  await app.register(errors, { config: loadConfig({}) })
  await app.register(overload)
  const asked: string[] = []
  for (const queues of ['normal', 'low'] as const) {
    app.post(`/${queues}`, { config: { queues } }, async () => {
      asked.push(queues)
      return 'answer'
    })
  }
  app.get('/probe', { config: { pressureHandler: () => {} } }, async () => 'alive')
  app.get('/page', async () => 'page')
  t.teardown(async () => {
    fake.letGo()
    await app.close()
  })
  fake.hold()
  /** Takes places in the queue, until `letGo` is called. */
  const take = (places: number) => fake.model.predict(Array.from({ length: places }, () => FLOWER), ask)
  const statusOf = async (method: 'GET' | 'POST', url: string) => (await app.inject({ method, url })).statusCode
  return { ...fake, app, asked, take, statusOf }
}

t.test('a route that queues is refused with 503 and Retry-After while the queue is full, and answered again afterwards', async t => {
  const { app, take, letGo, statusOf } = await open(t)
  const first = take(7)
  t.equal(await statusOf('POST', '/normal'), 200, 'one place is left')
  const last = take(1)
  const refused = await app.inject({ method: 'POST', url: '/normal' })
  t.match(refused.json(), {
    statusCode: 503, code: 'SRV_QUEUE_FULL', message: 'Over capacity: 8 inputs are already waiting (QUEUE_LIMIT); try again later.'
  })
  t.match(refused.headers['retry-after'], /^[1-9]\d*$/)
  letGo()
  await Promise.all([first, last])
  t.equal(await statusOf('POST', '/normal'), 200)
})

t.test('the refusal comes before the body is read', async t => {
  const { app, asked, take } = await open(t)
  await listen(t, app)
  take(8)
  const socket = await dial(t, app)
  socket.write('POST /normal HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: 1000\r\n\r\n')
  t.match(await textFrom(socket, '}'), /^HTTP\/1\.1 503 .*SRV_QUEUE_FULL/s)
  t.same(asked, [])
})

t.test('a route of low priority is refused while predictions hold more than a quarter of the queue', async t => {
  const { take, letGo, statusOf } = await open(t)
  const first = take(2)
  t.equal(await statusOf('POST', '/low'), 200)
  const second = take(1)
  t.equal(await statusOf('POST', '/low'), 503)
  t.equal(await statusOf('POST', '/normal'), 200)
  letGo()
  await Promise.all([first, second])
  t.equal(await statusOf('POST', '/low'), 200)
})

t.test('what queues nothing is answered while the queue is full', async t => {
  const { take, statusOf } = await open(t)
  take(8)
  t.equal(await statusOf('GET', '/page'), 200)
  t.equal(await statusOf('GET', '/probe'), 200)
})

t.test('while the event loop is late, everything but probes is refused with 503', async t => {
  const { app, asked, statusOf } = await open(t)
  await app.ready()
  // The delay is a mean over a second: the first block may share its second with time in which the loop was free.
  do {
    const end = performance.now() + 1500
    while (performance.now() < end);
    await sleep(1)
  } while (!app.isUnderPressure())
  const [refused, page, probe] = await Promise.all([app.inject({ method: 'POST', url: '/normal' }), statusOf('GET', '/page'), statusOf('GET', '/probe')])
  t.match(refused.json(), { statusCode: 503, code: 'SRV_OVERLOADED', message: 'The service is overloaded; try again later.' })
  t.same([page, probe], [503, 200])
  t.same(asked, [])
})
