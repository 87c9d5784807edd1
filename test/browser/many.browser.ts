import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import t from 'tap'
import { start } from '../e2e/process.ts'
import { visit } from './browser.ts'
import { twoPhotos } from './photos.ts'
import { startProxy } from './proxy.ts'

const two = twoPhotos()
const service = await start(t)

/** So many pictures, of two dishes in turn, with names that do not sort in their order. */
function pictures (count: number): Array<{ name: string, mimeType: string, buffer: Buffer }> {
  return Array.from({ length: count }, (_, at) => ({ name: `${count - at}.jpg`, mimeType: 'image/jpeg', buffer: two[at % 2]!.bytes }))
}

const labelAt = (at: number) => two[at % 2]!.label
const isDone = (page: Page, text: string) => page.locator('.done', { hasText: new RegExp(`^${text}$`) }).waitFor()

async function downloaded (page: Page, name: string): Promise<string> {
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name }).click()])
  return readFileSync(await download.path(), 'utf8')
}

t.test('30 pictures are a compact list in their order, which opens to detail, with counts, downloads and a way to clear', async t => {
  const { page, problems } = await visit(t, service.url)
  const height = () => page.evaluate(() => document.documentElement.scrollHeight)
  const heightBefore = await height()
  await page.setInputFiles('#file', pictures(30))
  await isDone(page, '30 of 30')
  t.same(await page.locator('.row .file').allTextContents(), pictures(30).map(({ name }) => name), 'the order is that of the choice')
  t.same(await page.locator('.row .row-label').allTextContents(), pictures(30).map((_, at) => labelAt(at)))
  t.match(await page.locator('.row .share').first().innerText(), /^\d+\.\d %$/)
  t.equal(await page.locator('.row img[src^="data:image/"]').count(), 30, 'each with a thumbnail')
  t.ok(await height() - heightBefore < 1500, 'the page does not grow by more than one screen or two')
  t.equal(await page.locator('#status').innerText(), 'All 30 pictures are done')
  t.same((await page.locator('.counts li').allInnerTexts()).map(text => text.split(/\s*\n\s*/)), two.map(({ label }) => [label, '15']))

  const row = page.locator('.row').nth(1)
  await row.click()
  t.equal(await row.getAttribute('aria-expanded'), 'true')
  t.equal(await page.locator('.list .result .label').innerText(), labelAt(1))
  t.equal(await page.locator('.list .result .bars li').count(), 5)
  await row.click()
  t.equal(await page.locator('.list .result').count(), 0)

  const csv = (await downloaded(page, 'Download CSV')).split('\r\n')
  t.equal(csv[0], 'file,food,probability')
  t.match(csv[1], new RegExp(`^30\\.jpg,${labelAt(0).replaceAll(' ', '_')},0\\.\\d+$`))
  t.equal(csv.length, 32)
  const json = JSON.parse(await downloaded(page, 'Download JSON'))
  t.equal(json.length, 30)
  t.match(json[29], { file: '1.jpg', food: labelAt(29).replaceAll(' ', '_'), model: 'tensorfood', top: { length: 5 } })

  await page.getByRole('button', { name: 'Clear answers' }).click()
  t.equal(await page.locator('.many').count(), 0)
  t.ok(await page.locator('#empty').isVisible())
  t.same(problems, [])
})

t.test('four pictures are sent at a time; the rest can be cancelled, and asked for later', async t => {
  const proxy = await startProxy(t, service.url)
  const { page, problems } = await visit(t, proxy.url)
  const release = proxy.hold('answers')
  await page.setInputFiles('#file', pictures(9))
  await page.locator('.row-label', { hasText: 'Thinking…' }).nth(3).waitFor()
  t.same(await page.locator('.row-label').allTextContents(), [...Array(4).fill('Thinking…'), ...Array(5).fill('Waiting')])
  t.equal(await page.locator('.done').innerText(), '0 of 9')
  await page.getByRole('button', { name: 'Cancel' }).click()
  await page.locator('.row-label', { hasText: 'Stopped' }).nth(8).waitFor()
  release()
  await page.getByRole('button', { name: 'Go on' }).click()
  await isDone(page, '9 of 9')
  t.same(await page.locator('.row-label').allTextContents(), pictures(9).map((_, at) => labelAt(at)))
  t.equal(proxy.counts.together, 4)
  t.notOk(await page.getByRole('button', { name: 'Go on' }).isVisible())
  t.same(problems, [])
})

t.test('a service that is busy gets no request until it wants one again', async t => {
  const proxy = await startProxy(t, service.url)
  const { page } = await visit(t, proxy.url)
  proxy.refuse(...Array(4).fill({ statusCode: 503, retryAfterSeconds: 1, message: 'The queue is full' }))
  await page.setInputFiles('#file', pictures(6))
  await page.locator('.row-label', { hasText: 'Busy, next try in 1 s' }).first().waitFor()
  t.equal(proxy.counts.requests, 4)
  await isDone(page, '6 of 6')
  t.equal(proxy.counts.requests, 10)
})

t.test('a bad file stops no other one, and is told in the list and in the downloads', async t => {
  const { page } = await visit(t, service.url)
  const [first, second] = pictures(2)
  await page.setInputFiles('#file', [first!, { name: '=note,"s.txt', mimeType: 'text/plain', buffer: Buffer.from('no picture') }, second!])
  await isDone(page, '3 of 3, 1 without an answer')
  t.same(await page.locator('.row-label').allTextContents(), [labelAt(0), 'No answer', labelAt(1)])
  await page.locator('.row').nth(1).click()
  t.match(await page.locator('.list .error').innerText(), /is not an image; send one of JPEG/)
  const lines = (await downloaded(page, 'Download CSV')).split('\r\n')
  t.equal(lines[0], 'file,food,probability,error')
  t.match(lines[2], /^"'=note,""s\.txt",,,"?file .* is not an image/, 'quoted, and no formula for a spreadsheet')
  t.match(JSON.parse(await downloaded(page, 'Download JSON'))[1], { file: '=note,"s.txt', error: /is not an image/ })
})

t.test('an error that begins with the name of a file is no formula for a spreadsheet, either', async t => {
  const { page } = await visit(t, service.url)
  await page.setInputFiles('#file', [pictures(1)[0]!, { name: '=large.png', mimeType: 'image/png', buffer: Buffer.alloc(21 * 1024 * 1024) }])
  await isDone(page, '2 of 2, 1 without an answer')
  const lines = (await downloaded(page, 'Download CSV')).split('\r\n')
  t.match(lines[2], /^'=large\.png,,,"?'=large\.png has 21 MB/)
})

t.test('the pictures of a dropped folder are taken in the order of their names', async t => {
  const folder = join(t.testdir({}), 'dishes')
  mkdirSync(join(folder, 'more'), { recursive: true })
  for (const [at, name] of ['10.jpg', '9.jpg', 'more/1.jpg'].entries()) writeFileSync(join(folder, name), two[at % 2]!.bytes)
  for (const name of ['notes.txt', '.hidden.jpg']) writeFileSync(join(folder, name), 'no picture')
  const { page, problems } = await visit(t, service.url)
  const session = await page.context().newCDPSession(page)
  const data = { items: [], files: [folder], dragOperationsMask: 1 }
  for (const type of ['dragEnter', 'dragOver', 'drop'] as const) await session.send('Input.dispatchDragEvent', { type, x: 200, y: 300, data })
  await isDone(page, '3 of 3')
  t.same(await page.locator('.row .file').allTextContents(), ['dishes/9.jpg', 'dishes/10.jpg', 'dishes/more/1.jpg'])
  t.same(await page.locator('.row-label').allTextContents(), [1, 0, 0].map(labelAt))
  t.equal(await page.locator('.note').innerText(), '2 files that are not pictures were left out.')
  t.same(problems, [])
})

t.test('400 files end in a list that scrolls, and of 2,001 the first 2,000 are taken', async t => {
  const [{ bytes }] = two
  const proxy = await startProxy(t, service.url, { food: 'pizza', probability: 0.9, index: 7, top: [{ label: 'pizza', index: 7, probability: 0.9 }], model: 'tensorfood', version: '1' })
  const { page, problems } = await visit(t, proxy.url)
  const drop = (count: number) => page.evaluate(({ count, base64 }) => {
    const data = new DataTransfer()
    const picture = Uint8Array.from(atob(base64), character => character.charCodeAt(0))
    for (let at = 0; at < count; at++) data.items.add(new File([picture], `${at}.jpg`, { type: 'image/jpeg' }))
    document.body.dispatchEvent(new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true }))
  }, { count, base64: bytes.toString('base64') })
  await drop(400)
  await isDone(page, '400 of 400')
  t.equal(await page.locator('.row-label', { hasText: 'pizza' }).count(), 400)
  t.equal(proxy.counts.requests, 400)
  t.ok(proxy.counts.together <= 4)
  t.ok(await page.locator('.list').evaluate(list => list.scrollHeight > list.clientHeight && list.clientHeight < innerHeight))
  await page.getByRole('button', { name: 'Clear answers' }).click()
  proxy.hold('answers')
  await drop(2001)
  await page.locator('.note', { hasText: 'Only the first 2,000 of 2,001 files are taken.' }).waitFor()
  t.equal(await page.locator('.row').count(), 2000)
  await page.getByRole('button', { name: 'Clear answers' }).click()
  t.same(problems, [])
})

t.test('the service ends cleanly', async t => {
  t.equal(await service.stop(), 0)
})
