import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { Agent } from 'undici'
import { picture } from '../fixtures/expected.ts'
import { start } from './process.ts'

const DEADLINE = 5000

const OVERLOAD = 3

t.test('at three times its capacity a service answers what it can, refuses the rest at once, and its probes stay quick', async t => {
  const service = await start(t, { LOG_LEVEL: 'info', DEADLINE_MS: String(DEADLINE), QUEUE_LIMIT: '64' })
  const agent = new Agent({ connections: 512, pipelining: 1 })
  t.teardown(() => agent.destroy())
  const request = { origin: service.url, path: '/predict', method: 'POST', headers: { 'content-type': 'image/jpeg' }, body: picture('rgb.jpg') } as const
  const answered: number[] = []
  const refused: number[] = []
  const others: number[] = []
  const ask = async () => {
    const started = performance.now()
    const { statusCode, headers, body } = await agent.request(request)
    await body.dump()
    const list = statusCode === 200 ? answered : statusCode === 503 && Number(headers['retry-after']) >= 1 ? refused : others
    list.push(performance.now() - started)
  }

  const closed = async (seconds: number) => {
    const before = answered.length
    const end = performance.now() + seconds * 1000
    await Promise.all(Array.from({ length: 16 }, async () => { while (performance.now() < end) await ask() }))
    return (answered.length - before) / seconds
  }
  await closed(1)
  const capacity = await closed(2)
  t.equal(refused.length, 0, 'nothing is refused below the limit')

  answered.length = 0
  const probes: number[] = []
  const asked: Array<Promise<void>> = []
  const started = performance.now()
  const elapsed = () => (performance.now() - started) / 1000
  while (elapsed() < 4) {
    while (asked.length < elapsed() * capacity * OVERLOAD) asked.push(ask())
    const probed = performance.now()
    for (const path of ['/livez', '/readyz']) t.equal(await fetch(service.url + path).then(async response => (await response.text()) && response.status), 200)
    probes.push((performance.now() - probed) / 2)
    await sleep(5)
  }
  const goodput = answered.length / elapsed()
  await Promise.all(asked)

  const p99 = (times: number[]) => times.sort((a, b) => a - b)[Math.floor(times.length * 0.99)] ?? NaN
  t.comment(`capacity ${capacity.toFixed(0)}/s, answered ${(goodput / capacity).toFixed(2)} of it, refused ${refused.length}, p99 ${p99(answered).toFixed(0)} ms, refusals p99 ${p99(refused).toFixed(0)} ms, probes p99 ${p99(probes).toFixed(1)} ms`)
  t.equal(others.length, 0, 'every answer is 200, or 503 with Retry-After')
  t.ok(refused.length > answered.length / 2, 'what is too much is refused')
  // The load generator shares the cores, and takes its part of the capacity.
  t.ok(goodput > 0.6 * capacity, `${goodput.toFixed(0)}/s of ${capacity.toFixed(0)}/s`)
  t.ok(p99(answered) < DEADLINE, 'whatever is accepted is answered in time')
  t.ok(p99(probes) < 100, `probes take ${p99(probes).toFixed(1)} ms`)

  const metrics = await (await fetch(`${service.url}/metrics`)).text()
  t.match(metrics, new RegExp(`servery_rejected_total\\{reason="queue_full"\\} ${refused.length}\n`), 'each refusal is counted')
  t.equal(await service.stop(), 0)
})
