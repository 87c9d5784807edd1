import Fastify from 'fastify'
import t from 'tap'
import timing from '../../plugins/timing.ts'
import { FLOWER } from '../lib/model.ts'
import { registerModel } from './fake-model.ts'

/** The stages of a Server-Timing header, in its order, in milliseconds. https://www.w3.org/TR/server-timing/ */
function stagesOf (header: unknown): Map<string, number> {
  return new Map(String(header).split(', ').map(entry => {
    const [, name = '', duration = ''] = /^([a-z]+);dur=(\d+\.\d\d)$/.exec(entry) ?? []
    return [name, duration === '' ? NaN : Number(duration)]
  }))
}

t.test('Server-Timing', async t => {
  const app = Fastify()
  const { model } = await registerModel(app)
  await app.register(timing)
  let infer = 3
  let seen: Record<string, number> = {}
  app.addHook('onResponse', async request => { seen = { ...request.timing } })
  app.post('/predict', { config: { queues: 'normal' } }, async request => {
    const { timing, predictions } = await model.predict([FLOWER], { topK: 1, deadline: 600_000 })
    Object.assign(request.timing, timing)
    return predictions
  })
  app.post('/stages', { config: { queues: 'normal' } }, async request => Object.assign(request.timing, { infer, queue: 20.005, decode: 0.126 }) && 'answer')
  app.post('/refused', { config: { queues: 'normal' } }, async () => { throw new Error('refused') })
  app.get('/page', async () => 'page')
  t.teardown(async () => { await app.close() })

  t.test('lists the stages of a prediction in the order in which it goes through them, in milliseconds', async t => {
    const stages = stagesOf((await app.inject({ method: 'POST', url: '/stages' })).headers['server-timing'])
    t.same([...stages.keys()], ['receive', 'decode', 'queue', 'infer', 'total'])
    t.match([stages.get('decode'), stages.get('infer')], [0.13, 3])
  })

  t.test('writes two decimals, rounded, whatever the size', async t => {
    for (const [duration, text] of [[0, '0.00'], [0.004, '0.00'], [0.05, '0.05'], [0.996, '1.00'], [12.3, '12.30'], [9999.999, '10000.00'], [600_000, '600000.00']] as const) {
      infer = duration
      t.match((await app.inject({ method: 'POST', url: '/stages' })).headers['server-timing'], `infer;dur=${text},`)
    }
    infer = 3
  })

  t.test('accounts for no more time than there was', async t => {
    for (let at = 0; at < 20; at++) {
      const { total = NaN, ...stages } = Object.fromEntries(stagesOf((await app.inject({ method: 'POST', url: '/predict' })).headers['server-timing']))
      const durations = Object.values(stages)
      t.ok(durations.every(duration => duration >= 0), JSON.stringify(stages))
      // Each of the five figures is rounded to a hundredth.
      t.ok(durations.reduce((sum, duration) => sum + duration, 0) <= total + 0.025, `${JSON.stringify(stages)} of ${total}`)
    }
  })

  t.test('is left out of an answer that no model gave', async t => {
    t.equal((await app.inject('/page')).headers['server-timing'], undefined)
    t.equal((await app.inject({ method: 'POST', url: '/refused' })).headers['server-timing'], undefined)
  })

  t.test('comes with the time of sending, for those who count the stages after the answer', async t => {
    await app.inject({ method: 'POST', url: '/predict' })
    t.same(Object.keys(seen).sort(), ['decode', 'infer', 'queue', 'receive', 'send'])
    t.ok(Object.values(seen).every(duration => duration >= 0), JSON.stringify(seen))
    await app.inject({ method: 'POST', url: '/refused' })
    t.same(Object.keys(seen), ['receive'], 'a refused one has been received')
    await app.inject('/page')
    t.same(seen, {}, 'only what is queued is received')
  })
})
