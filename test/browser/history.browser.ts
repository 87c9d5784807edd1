import type { Page } from 'playwright-core'
import t from 'tap'
import { start } from '../e2e/process.ts'
import { visit } from './browser.ts'
import { twoPhotos } from './photos.ts'
import { startProxy } from './proxy.ts'

const [photo, another] = twoPhotos()
const files = [photo, another].map(({ bytes }, at) => ({ name: `dish ${at}.jpg`, mimeType: 'image/jpeg', buffer: bytes }))
const service = await start(t)

async function reload (page: Page): Promise<void> {
  await page.reload()
  await page.locator('html.ready').waitFor()
}

t.test('what is typed survives a reload, and is answered again', async t => {
  const { url } = await start(t, { MODEL_NAME: 'iris' })
  const { page, problems } = await visit(t, url)
  await page.getByLabel('petal length in cm', { exact: true }).fill('1.4')
  await page.getByLabel('petal width in cm', { exact: true }).fill('0.2')
  await page.locator('.result .label', { hasText: 'setosa' }).waitFor()
  await reload(page)
  await page.locator('.result .label', { hasText: 'setosa' }).waitFor()
  t.equal(await page.getByLabel('petal length in cm', { exact: true }).inputValue(), '1.4')
  t.equal(await page.getByLabel('petal length, slider').inputValue(), '1.4')
  t.same(problems, [])
})

t.test('answers survive a reload, with thumbnails instead of the pictures, until they are cleared', async t => {
  const { page, problems } = await visit(t, service.url)
  await page.setInputFiles('#file', files)
  await page.locator('.done', { hasText: '2 of 2' }).waitFor()
  await page.setInputFiles('#file', files[0]!)
  await page.locator('#results > .result:not([aria-busy]) .label').waitFor()
  // The thumbnail comes after the answer.
  await page.locator('.sample').first().click()
  await page.locator('#results > .result:not([aria-busy])').nth(1).waitFor()
  const before = await page.locator('#results .label, #results .row-label').allTextContents()

  await reload(page)
  t.same(await page.locator('#results .label, #results .row-label').allTextContents(), before, 'in the same order')
  t.match(before.slice(1), [photo.label, photo.label, another.label])
  t.match(await page.locator('#results > .result figure img').nth(1).getAttribute('src'), /^data:image\//)
  t.match(await page.locator('#results > .result .timing').nth(1).innerText(), /To ask why, choose the picture again/)
  t.notOk(await page.locator('.why').first().isVisible())
  t.equal(await page.locator('.done').innerText(), '2 of 2')
  await page.locator('.row').nth(1).click()
  t.equal(await page.locator('.list .result .label').innerText(), another.label)
  t.equal(await page.evaluate(() => localStorage.length), 0)
  t.ok(await page.evaluate(() => JSON.stringify(sessionStorage).length) < 40_000, 'no picture is kept, only thumbnails')

  await reload(page)
  t.same(await page.locator('#results .label, #results .row-label').allTextContents(), before, 'and the next reload')
  await page.getByRole('button', { name: 'Clear answers' }).click()
  await reload(page)
  t.equal(await page.locator('#results > *').count(), 0)
  t.ok(await page.locator('#empty').isVisible())
  t.notOk(await page.getByRole('button', { name: 'Clear answers' }).isVisible())
  t.same(problems, [])
})

t.test('a reload in the middle says how many pictures it has lost', async t => {
  const proxy = await startProxy(t, service.url)
  const { page } = await visit(t, proxy.url)
  proxy.hold('answers')
  proxy.refuse(...Array(2).fill({ statusCode: 422, message: 'This picture has no pixels' }))
  await page.setInputFiles('#file', [...files, ...files])
  await page.locator('.done', { hasText: '2 of 4, 2 without an answer' }).waitFor()
  await page.locator('.row-label', { hasText: 'Thinking…' }).nth(1).waitFor()
  await reload(page)
  t.equal(await page.locator('.note').innerText(), '2 more had no answer when the page was reloaded. Choose them again to get one.')
  t.equal(await page.locator('.done').innerText(), '2 of 2, 2 without an answer')
  t.notOk(await page.getByRole('button', { name: 'Try again' }).isVisible(), 'the pictures themselves are gone')
})

t.test('answers of another model are not shown', async t => {
  const { page } = await visit(t, service.url)
  await page.evaluate(() => sessionStorage.setItem('answers of another 1', '[{"items":[{"name":"a.jpg","answered":{}}]}]'))
  const name = await page.evaluate(() => `answers of ${document.querySelector<HTMLElement>('#model')!.dataset['name']}`)
  t.match(name, /^answers of tensorfood \d/)
  await reload(page)
  t.equal(await page.locator('#results > *').count(), 0)
})

t.test('in a browser that keeps nothing for pages, all else works', async t => {
  const keyed = await start(t, { API_KEYS: 'laboratory:correct-horse-battery' })
  const { page, problems } = await visit(t, keyed.url)
  await page.addInitScript(() => {
    Object.defineProperty(globalThis, 'sessionStorage', { get: () => { throw new DOMException('Access is denied for this document.', 'SecurityError') } })
  })
  await reload(page)
  await page.fill('#key', 'correct-horse-battery')
  await page.setInputFiles('#file', files[0]!)
  await page.locator('#results > .result:not([aria-busy]) .label', { hasText: photo.label }).waitFor()
  await page.getByRole('button', { name: 'Clear answers' }).click()
  t.equal(await page.locator('#results > *').count(), 0)
  t.same(problems, [])
  await keyed.stop()
})

t.test('the service ends cleanly', async t => {
  t.equal(await service.stop(), 0)
})
