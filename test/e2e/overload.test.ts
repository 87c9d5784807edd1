import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { picture } from '../fixtures/expected.ts'
import { form } from '../helper.ts'
import { largeDrawing } from './photos.ts'
import { metric, start, WAIT_MS } from './process.ts'

const PLACES = 16

/** Clients that ask again after a refusal. */
const CLIENTS = 8

const RETRY_INTERVAL_MS = 50

/** Refusals that must come while the accepted request is in progress, and that are asked for. */
const ENOUGH = 5
const ASKED = 20

t.test('a full queue refuses requests and answers probes, while the request that fills it is still in progress', async t => {
  const service = await start(t, { WORKERS: '1', QUEUE_LIMIT: String(PLACES), DEADLINE_MS: String(WAIT_MS) })
  // A worker decodes one picture of this size at a time.
  const slow = await largeDrawing()
  const small = picture('rgb.jpg')
  let refused = 0
  const predict = async (body: BodyInit, headers: Record<string, string> = {}) => {
    const response = await fetch(`${service.url}/predict`, { method: 'POST', body, headers })
    await response.arrayBuffer()
    if (response.status === 503) {
      refused++
      t.ok(Number(response.headers.get('retry-after')) >= 1, 'a refusal has Retry-After')
    }
    return response.status
  }
  const predictSmall = async () => await predict(small, { 'content-type': 'image/jpeg' })
  const probe = async (path: string) => await fetch(service.url + path).then(async response => { await response.arrayBuffer(); return response.status })

  // One request takes every place, and keeps all of them until its last picture is done.
  let isAnswered = false
  const accepted = predict(form(...Array.from({ length: PLACES }, (_, at) => ({ name: `${at}.png`, bytes: slow })))).then(status => {
    isAnswered = true
    return status
  })
  while (await metric(service.url, 'servery_admitted_rows') < PLACES) await sleep(5)

  const meanwhile = []
  while (meanwhile.length < ASKED) {
    const statuses = await Promise.all([predictSmall(), probe('/livez'), probe('/readyz')])
    if (isAnswered) break
    meanwhile.push(statuses)
  }
  t.ok(meanwhile.length >= ENOUGH, `${meanwhile.length} refusals came before the answer to the accepted request`)
  for (const statuses of meanwhile) t.same(statuses, [503, 200, 200], '/predict is refused, /livez and /readyz are answered')

  const statuses = await Promise.all(Array.from({ length: CLIENTS }, async () => {
    const statuses = [await predictSmall()]
    while (statuses.at(-1) === 503) {
      await sleep(RETRY_INTERVAL_MS)
      statuses.push(await predictSmall())
    }
    return statuses
  }))
  t.same(new Set(statuses.map(each => each.at(-1))), new Set([200]), 'a client that asks again is answered')
  t.equal(await accepted, 200)
  t.equal(await metric(service.url, 'servery_rejected_total{reason="queue_full",dialect="native"}'), refused, 'every refusal is counted')
  t.equal(await service.stop(), 0)
})
