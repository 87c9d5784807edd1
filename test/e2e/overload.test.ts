import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { openLoop } from '../../bench/open-loop.ts'
import { picture } from '../fixtures/expected.ts'
import { start } from './process.ts'

const DEADLINE = 5000

const OVERLOAD = 3

/** Requests a second that any machine answers, and how many times more are tried next. */
const EASY = 100
const STEP = 1.5

t.test('at three times its capacity a service answers what it can, refuses the rest at once, and its probes stay quick', async t => {
  const service = await start(t, { LOG_LEVEL: 'info', DEADLINE_MS: String(DEADLINE), QUEUE_LIMIT: '64' })
  const body = picture('rgb.jpg')
  const head = ['POST /predict HTTP/1.1', 'host: 127.0.0.1', 'content-type: image/jpeg', `content-length: ${body.length}`]
  const request = Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n\r\n`), body])
  const offer = async (rate: number, duration: number) => await openLoop({ port: Number(new URL(service.url).port), request, rate, duration, patience: 2 * DEADLINE })

  await offer(EASY, 1)
  t.equal((await offer(EASY, 1)).refusals.length, 0, 'nothing is refused below the limit')
  // What it can do: offered more and more, until it answers less than it is offered.
  let [capacity, refused] = [0, 0]
  for (let rate = EASY; capacity >= 0.9 * rate / STEP || rate === EASY; rate *= STEP) {
    const { within, elapsed, refusals } = await offer(rate, 1)
    capacity = Math.max(capacity, within / elapsed)
    refused += refusals.length
  }

  const probes: number[] = []
  const over = new AbortController()
  const probing = (async () => {
    while (!over.signal.aborted) {
      const probed = performance.now()
      for (const path of ['/livez', '/readyz']) t.equal(await fetch(service.url + path).then(async response => (await response.text()) && response.status), 200)
      probes.push((performance.now() - probed) / 2)
      await sleep(20)
    }
  })()
  const { sent, times, within, refusals, elapsed } = await offer(capacity * OVERLOAD, 4)
  over.abort()
  await probing
  refused += refusals.length
  const goodput = within / elapsed

  const quantile = (times: number[], share: number) => times.sort((a, b) => a - b)[Math.floor(times.length * share)] ?? NaN
  const p99 = (times: number[]) => quantile(times, 0.99)
  t.comment(`capacity ${capacity.toFixed(0)}/s, offered ${(sent / elapsed).toFixed(0)}/s, answered ${(goodput / capacity).toFixed(2)} of the capacity, p99 ${p99(times).toFixed(0)} ms, refusals p50 ${quantile(refusals, 0.5).toFixed(1)} ms, p99 ${p99(refusals).toFixed(0)} ms, probes p99 ${p99(probes).toFixed(1)} ms`)
  t.equal(times.length + refusals.length, sent, 'every answer is 200, or 503 with Retry-After')
  t.ok(refusals.length > times.length / 2, 'what is too much is refused')
  t.ok(quantile(refusals, 0.5) < quantile(times, 0.5) / 2, 'and does not wait in the queue for that')
  // The load generator shares the cores, and takes its part of the capacity.
  t.ok(goodput > 0.6 * capacity, `${goodput.toFixed(0)}/s of ${capacity.toFixed(0)}/s`)
  t.ok(p99(times) < DEADLINE, 'whatever is accepted is answered in time')
  t.ok(p99(probes) < 100, `probes take ${p99(probes).toFixed(1)} ms`)

  const [, counted] = /servery_rejected_total\{reason="queue_full"\} (\d+)/.exec(await (await fetch(`${service.url}/metrics`)).text()) ?? []
  t.equal(Number(counted), refused, 'each refusal is counted')
  t.equal(await service.stop(), 0)
})
