import type { Page } from 'playwright-core'
import t from 'tap'
import { start } from '../e2e/process.ts'
import { visit } from './browser.ts'
import { twoPhotos } from './photos.ts'

const [photo, another] = twoPhotos()
const picture = { name: photo.name, mimeType: 'image/jpeg', buffer: photo.bytes }
const phone = { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true }
const service = await start(t)

/** How the page has moved: the arguments of each call. */
async function watchMoves (page: Page): Promise<() => Promise<unknown[]>> {
  await page.evaluate(() => {
    const moves: unknown[] = []
    Object.assign(globalThis, { moves })
    const { scrollIntoView } = Element.prototype
    Element.prototype.scrollIntoView = function (options) {
      moves.push(options)
      scrollIntoView.call(this, options)
    }
  })
  return async () => await page.evaluate(() => (globalThis as unknown as { moves: unknown[] }).moves)
}

/** Waits until a part of the page is whole on the screen. */
async function onScreen (page: Page, selector: string): Promise<void> {
  await page.waitForFunction(selector => {
    const { top, bottom } = document.querySelector(selector)!.getBoundingClientRect()
    return top >= 0 && bottom <= innerHeight
  }, selector)
}

t.test('on a phone the page moves to the answer of a photo', async t => {
  const { page, problems } = await visit(t, service.url, phone)
  const moves = await watchMoves(page)
  await page.setInputFiles('#camera', picture)
  await page.locator('.result .label', { hasText: photo.label }).waitFor()
  await onScreen(page, '.result .label')
  await onScreen(page, '.result .bars')
  t.same(await moves(), [{ behavior: 'smooth' }])
  t.match(await page.locator('#status').innerText(), photo.label, 'and says it')
  t.equal(await page.evaluate(() => document.documentElement.scrollWidth), 360)
  t.same(problems, [])
})

t.test('on a phone the page moves to the head of a list', async t => {
  const { page } = await visit(t, service.url, phone)
  await page.setInputFiles('#file', [picture, { name: another.name, mimeType: 'image/png', buffer: another.bytes }])
  await page.locator('.done', { hasText: '2 of 2' }).waitFor()
  await onScreen(page, '.many .list')
  t.equal(await page.evaluate(() => document.documentElement.scrollWidth), 360)
})

t.test('it jumps for those who want less motion, and stays where the answer is in sight', async t => {
  const { page } = await visit(t, service.url, { ...phone, reducedMotion: 'reduce' })
  const moves = await watchMoves(page)
  await page.setInputFiles('#camera', picture)
  await page.locator('.result .label', { hasText: photo.label }).waitFor()
  t.same(await moves(), [{ behavior: 'instant' }])
  await page.setInputFiles('#camera', picture)
  await page.locator('.result:not([aria-busy])').nth(1).waitFor()
  await onScreen(page, '.result .label')

  const desktop = await visit(t, service.url, { viewport: { width: 1200, height: 900 } })
  const none = await watchMoves(desktop.page)
  await desktop.page.setInputFiles('#file', picture)
  await desktop.page.locator('.result .label', { hasText: photo.label }).waitFor()
  t.same(await none(), [])
})

t.test('where there is no mouse, nobody is asked to drop or paste', async t => {
  const touch = await visit(t, service.url, phone)
  t.notMatch(await touch.page.locator('main').innerText(), /\b(drop|paste)\b/i)
  t.ok(await touch.page.getByText('Take a photo').isVisible())
  const mouse = await visit(t, service.url)
  t.match(await mouse.page.locator('.drop').innerText(), 'Drop pictures or a folder here, or paste a picture')
})

t.test('the service ends cleanly', async t => {
  t.equal(await service.stop(), 0)
})
