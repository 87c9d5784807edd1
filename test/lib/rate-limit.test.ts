import t from 'tap'
import { RateLimit, retryAfterOf } from '../../lib/rate-limit.ts'

t.test('a window allows so many events of a key, and the first event after its end begins the next one', async t => {
  let now = 1000
  const limit = new RateLimit({ limit: 2, windowMs: 60_000, now: () => now })
  t.same(limit.count('a'), { isWithin: true, retryAfterSeconds: 60 })
  now += 30_500
  t.same(limit.count('a'), { isWithin: true, retryAfterSeconds: 30 })
  t.same(limit.count('a'), { isWithin: false, retryAfterSeconds: 30 })
  t.same(limit.count('b'), { isWithin: true, retryAfterSeconds: 60 }, 'each key has its own')
  now += 29_499
  t.same(limit.count('a'), { isWithin: false, retryAfterSeconds: 1 }, 'a refused event does not make the window longer')
  now += 1
  t.same(limit.count('a'), { isWithin: true, retryAfterSeconds: 60 })
})

t.test('of too many keys, the one that was counted the longest ago is forgotten', async t => {
  const limit = new RateLimit({ limit: 1, windowMs: 60_000, keysLimit: 2, now: () => 0 })
  const isWithin = (key: string) => limit.count(key).isWithin
  t.equal(isWithin('a'), true)
  t.equal(isWithin('b'), true)
  t.equal(isWithin('a'), false)
  t.equal(isWithin('c'), true, 'b is forgotten')
  t.equal(isWithin('a'), false)
  t.equal(isWithin('b'), true)
})

t.test('an error may say how long to wait', async t => {
  t.equal(retryAfterOf(Object.assign(new Error('later'), { retryAfterSeconds: 7 })), 7)
  t.equal(retryAfterOf(new Error('never')), undefined)
  t.equal(retryAfterOf({ retryAfterSeconds: 7 }), undefined)
})
