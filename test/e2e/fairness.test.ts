import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { picture } from '../fixtures/expected.ts'
import { largePhoto } from './photos.ts'
import { metric, start, WAIT_MS } from './process.ts'

const LARGE_PHOTOS = 16

t.test('a small photo is answered before most of the large ones that came before it', async t => {
  // Without a limit on large photos, they would fill the two batches that each worker holds.
  const service = await start(t, { WORKERS: '2', MAX_BATCH: '16', DEADLINE_MS: String(WAIT_MS) })
  const large = await largePhoto()
  let answered = 0
  const predict = async (body: Uint8Array<ArrayBuffer>) => {
    const response = await fetch(`${service.url}/predict`, { method: 'POST', headers: { 'content-type': 'image/jpeg' }, body })
    await response.arrayBuffer()
    answered++
    return response.status
  }
  const statuses = Promise.all(Array.from({ length: LARGE_PHOTOS }, () => predict(large)))
  while (answered + await metric(service.url, 'servery_admitted_rows') < LARGE_PHOTOS) await sleep(5)

  const before = answered
  t.equal(await predict(picture('rgb.jpg')), 200)
  const unanswered = LARGE_PHOTOS + 1 - answered
  t.comment(`${before} large photos were answered before the small one was sent, ${unanswered} were not when it was answered`)
  t.ok(unanswered >= LARGE_PHOTOS * 3 / 4, `${unanswered} of ${LARGE_PHOTOS} large photos are unanswered`)
  t.same(new Set(await statuses), new Set([200]))
  t.equal(await service.stop(), 0)
})
