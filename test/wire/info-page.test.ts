import t from 'tap'
import { infoPage } from '../../wire/info-page.ts'
import type { Info } from '../../wire/schemas.ts'
import { twoFeatures } from '../fixtures/model.ts'

const info: Info = {
  model: 'echo',
  version: '1',
  'input-size': '8x8x3',
  'num-classes': 2,
  'label-key': 'shape',
  labels: ['so_wide', '<b>'],
  input: twoFeatures,
  output: { kind: 'classes', tensor: 'y', activation: 'none' },
  assumptions: [],
  sources: [],
  formats: [],
  service: { 'upload-limit': 20 * 1024 * 1024, 'pixel-limit': 1, 'text-limit': 1, 'deadline-ms': 10_000, 'queue-limit': 16_384, workers: 0, threads: 1, 'max-batch': 1, 'execution-providers': ['cpu'], calibration: [] }
}

t.test('what is known is shown, as people write it', async t => {
  const html = infoPage({ ...info, title: 'R&D', description: 'It answers.', sources: ['card.json', 'the graph'], assumptions: [{ field: '/input/background', assumed: 'white', because: 'no file says it', card: '"background": "#fff"' }] })
  for (const text of [
    '<h1>R&#38;D</h1>', 'It answers.', '8 × 8 × 3', 'The most probable label, of 2 labels', '<code>shape</code>', 'card.json; the graph', '<dt>White.</dt>', 'No file says it.', '20 MiB', '10 seconds', '16,384',
    'none: the model runs on the event loop', '<li>so wide</li>', '<li>&#60;b&#62;</li>', '&#34;label-key&#34;: &#34;shape&#34;'
  ]) t.ok(html.includes(text), text)
})

t.test('what is not known has no row and no heading', async t => {
  const html = infoPage({ ...info, labels: [], 'num-classes': 0, output: { kind: 'tensors' } })
  t.notMatch(html, /undefined|null|NaN|Formats|Worked out from|What was assumed|<h2>Labels|class="lead"/)
  t.match(html, '<h1>echo</h1>')
})

t.test('of very many labels, the page lists some', async t => {
  const html = infoPage({ ...info, labels: Array.from({ length: 21_000 }, (_, at) => `l${at}`) })
  t.match(html, 'The first 1000 of 21,000.')
  t.ok(html.length < 100_000)
})

t.test('one worker is one, and several are several', async t => {
  t.match(infoPage({ ...info, service: { ...info.service, workers: 2, threads: 1 } }), '2, with 1 thread each')
  t.match(infoPage({ ...info, service: { ...info.service, workers: 1, threads: 2 } }), '1, with 2 threads each')
})
