import t from 'tap'
import { checkReady } from '../../wire/ready.ts'

const workers = { size: 2, alive: 2, busy: 0, deaths: 0 }

t.test('ready is what has started and has all its workers', async t => {
  t.doesNotThrow(() => checkReady({ ready: true, reason: '' }, { workers }))
  t.throws(() => checkReady({ ready: false, reason: 'the service is shutting down' }, { workers }), { statusCode: 503, message: 'Not ready: the service is shutting down.' })
  t.throws(() => checkReady({ ready: true, reason: '' }, { workers: { ...workers, alive: 1 } }), { statusCode: 503, message: 'Not ready: 1 of 2 workers died and are being replaced.' })
})
