import type { Page } from 'playwright-core'
import t from 'tap'
import { start } from '../e2e/process.ts'
import { visit } from './browser.ts'
import { twoPhotos } from './photos.ts'
import { startProxy } from './proxy.ts'

const [photo] = twoPhotos()
const picture = { name: 'dish.jpg', mimeType: 'image/jpeg', buffer: photo.bytes }
/** A picture that does not fit into the buffers of a connection. What follows its end counts for nothing. */
const folder = t.testdir({ 'large.jpg': Buffer.concat([photo.bytes, Buffer.alloc(18_000_000)]), 'huge.jpg': Buffer.alloc(26_000_000) })
const service = await start(t)

const label = (page: Page, text: string) => page.locator('.result .label', { hasText: text }).first().waitFor()
const spoken = (page: Page) => page.locator('#status').innerText()

t.test('a picture shows how much of it has been sent, then that the model thinks, then its answer', async t => {
  const proxy = await startProxy(t, service.url)
  const { page, problems } = await visit(t, proxy.url)
  const releaseBodies = proxy.hold('bodies')
  const releaseAnswers = proxy.hold('answers')
  await page.setInputFiles('#file', `${folder}/large.jpg`)
  await label(page, 'Sending…')
  await page.locator('.result .share', { hasText: /^[1-9]\d? %$/ }).waitFor()
  const progress = page.getByRole('progressbar', { name: 'Progress of large.jpg' })
  const sent = Number(await progress.getAttribute('value'))
  t.ok(sent > 0 && sent < 1)
  t.equal(await spoken(page), 'Sending large.jpg')
  t.equal(await page.locator('.result').getAttribute('aria-busy'), 'true')

  releaseBodies()
  await label(page, 'Thinking…')
  t.equal(await progress.getAttribute('value'), null, 'nobody knows how long a model thinks')
  t.equal(await page.locator('.result .share').innerText(), '')
  t.equal(await spoken(page), 'The model is thinking')

  releaseAnswers()
  await label(page, photo.label)
  t.equal(await progress.count(), 0)
  t.match(await spoken(page), photo.label)
  t.equal(await page.locator('.result').getAttribute('aria-busy'), null)
  t.same(problems, [])
})

t.test('a service that is busy is asked again when it says so', async t => {
  const proxy = await startProxy(t, service.url)
  const { page } = await visit(t, proxy.url)
  proxy.refuse({ statusCode: 503, retryAfterSeconds: 2, message: 'The queue is full' })
  await page.setInputFiles('#file', picture)
  await label(page, 'Busy, next try in 2 s')
  t.equal(await spoken(page), 'The service is busy. The page tries again.')
  await label(page, photo.label)
  t.equal(proxy.counts.requests, 2)

  proxy.refuse({ statusCode: 429, retryAfterSeconds: 3600, message: 'Too many requests came from this address; try again in an hour' })
  await page.setInputFiles('#file', picture)
  await page.locator('.result.failed').waitFor()
  t.equal(await page.locator('.result .error').first().innerText(), 'Too many requests came from this address; try again in an hour', 'an hour is too long to wait')
})

t.test('a service that is gone is named as such, for a picture, a sample and a list, and can be tried again', async t => {
  const proxy = await startProxy(t, service.url)
  const { page, problems } = await visit(t, proxy.url)
  proxy.isDead = true
  await page.setInputFiles('#file', picture)
  await page.locator('.result.failed').waitFor()
  t.match(await page.locator('.result .error').innerText(), 'The service cannot be reached. Check that it is running')
  await page.locator('.sample').first().click()
  await page.locator('.result.failed').nth(1).waitFor()
  t.match(await page.locator('.result .error').first().innerText(), 'The service cannot be reached.')
  await page.setInputFiles('#file', [picture, { ...picture, name: 'other.jpg' }])
  await page.locator('.note', { hasText: 'The service cannot be reached.' }).waitFor()

  proxy.isDead = false
  await page.getByRole('button', { name: 'Go on' }).click()
  await page.locator('.done', { hasText: '2 of 2' }).waitFor()
  await page.getByRole('button', { name: 'Try again' }).last().click()
  await page.locator('.result .label', { hasText: photo.label }).waitFor()
  await page.getByRole('button', { name: 'Try again' }).click()
  await page.locator('.result.failed').waitFor({ state: 'detached' })
  t.same(problems.filter(problem => !problem.includes('ERR_')), [], 'and no rejection is left alone')

  await page.context().setOffline(true)
  await page.setInputFiles('#file', picture)
  await page.locator('.result.failed').waitFor()
  t.equal(await page.locator('.result .error').first().innerText(), 'You are offline. Connect to the network, then try again.')
})

t.test('a missing key points at its field, and goes on when it is there', async t => {
  const service = await start(t, { API_KEYS: 'laboratory:correct-horse-battery' })
  const { page } = await visit(t, service.url)
  await page.setInputFiles('#file', [picture, { ...picture, name: 'other.jpg' }])
  await page.locator('.note', { hasText: 'needs an API key' }).waitFor()
  await page.getByRole('button', { name: 'Clear answers' }).click()
  await page.setInputFiles('#file', picture)
  await page.locator('.result.failed').waitFor()
  const key = page.getByLabel('API key')
  t.equal(await key.getAttribute('aria-invalid'), 'true')
  t.match(await page.locator(`#${await key.getAttribute('aria-describedby')}`).innerText(), /needs an API key/)
  t.ok(await key.evaluate(field => field === document.activeElement))
  await page.keyboard.type('correct-horse-battery')
  await page.keyboard.press('Enter')
  await label(page, photo.label)
  t.equal(await page.locator('.result').count(), 1, 'in the place of the failure')
  t.equal(await key.getAttribute('aria-invalid'), null)
  t.equal(await page.locator('#key-error').count(), 0)
  t.equal(await service.stop(), 0)
})

t.test('a picture that is too large is not sent', async t => {
  const proxy = await startProxy(t, service.url)
  const { page, problems } = await visit(t, proxy.url)
  await page.setInputFiles('#file', `${folder}/huge.jpg`)
  await page.locator('.result.failed').waitFor()
  t.equal(await page.locator('.result .error').innerText(), 'huge.jpg has 24.8 MB, over the limit of 20 MB; send a smaller one.')
  t.equal(proxy.counts.requests, 0)
  t.same(problems, [])
})

t.test('without the script of the form, the form works as it does without any', async t => {
  const { page } = await visit(t, `${service.url}/docs`)
  await page.route('**/assets/image.js', route => route.abort())
  await page.goto(service.url)
  await page.locator('html:not(.js)').waitFor()
  t.ok(await page.locator('#ask button.without-script').isVisible())
})

t.test('the service ends cleanly', async t => {
  t.equal(await service.stop(), 0)
})
