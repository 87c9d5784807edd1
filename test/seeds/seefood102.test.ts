import t from 'tap'
import { start } from '../e2e/process.ts'
import { picture } from '../fixtures/expected.ts'
import { form } from '../helper.ts'

/** The page of SeeFood102, as Live Server or `python -m http.server 5500` serves it. */
const PAGES = ['http://localhost:5500', 'http://127.0.0.1:5500']

/** SeeFood102's contract: a page of another origin sends the form field `image`, and shows five categories. */
t.test('a client of SeeFood102 works unchanged', async t => {
  const { url, stop } = await start(t, { MODEL_NAME: 'food101', CORS_ORIGINS: PAGES.join() })

  for (const origin of PAGES) {
    await t.test(`fetch('/predict', { method: 'POST', body: formData }) from ${origin} answers five categories`, async t => {
      const response = await fetch(`${url}/predict`, { method: 'POST', headers: { origin }, body: form({ field: 'image', name: 'photo.jpg', bytes: picture('rgb.jpg') }) })
      t.equal(response.status, 200)
      // A form needs no preflight, so this header alone lets the page read the answer.
      t.equal(response.headers.get('access-control-allow-origin'), origin)
      const { top } = await response.json()
      t.equal(top.length, 5)
      for (const { label, probability } of top) {
        t.type(label, 'string')
        t.ok(probability >= 0 && probability <= 1)
      }
      t.same(top, [...top].sort((one: { probability: number }, other: { probability: number }) => other.probability - one.probability), 'most probable first')
    })
  }

  await t.test('a page of another origin may not read it', async t => {
    const response = await fetch(`${url}/predict`, { method: 'POST', headers: { origin: 'http://localhost:9999' }, body: form({ field: 'image', name: 'photo.jpg', bytes: picture('rgb.jpg') }) })
    t.not(response.headers.get('access-control-allow-origin'), 'http://localhost:9999')
  })

  t.equal(await stop(), 0)
})
