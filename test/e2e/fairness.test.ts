import sharp from 'sharp'
import t from 'tap'
import { picture } from '../fixtures/expected.ts'
import { start } from './process.ts'

t.test('a small picture finds its place beside many large ones, instead of standing in line with them', async t => {
  const service = await start(t)
  const large = Buffer.from(await sharp(picture('rgb.jpg')).resize(4000).jpeg().toBuffer())
  const ask = async (body: Uint8Array<ArrayBuffer>) => {
    const started = performance.now()
    const response = await fetch(`${service.url}/predict`, { method: 'POST', headers: { 'content-type': 'image/jpeg' }, body })
    await response.arrayBuffer()
    t.equal(response.status, 200)
    return performance.now() - started
  }
  const times = { large: [] as number[], small: [] as number[] }
  const end = performance.now() + 5000
  await Promise.all([
    ...Array.from({ length: 12 }, async () => { while (performance.now() < end) times.large.push(await ask(large)) }),
    (async () => { while (performance.now() < end) times.small.push(await ask(picture('rgb.png'))) })()
  ])
  const median = (values: number[]) => values.sort((a, b) => a - b)[values.length >> 1] ?? NaN
  t.comment(`medians: large ${median(times.large).toFixed(0)} ms, small ${median(times.small).toFixed(0)} ms`)
  // Twelve large ones share the cores; one in the same line would wait as long as they do.
  t.ok(median(times.small) < median(times.large) / 3, `${median(times.small)} of ${median(times.large)} ms`)
  t.equal(await service.stop(), 0)
})
