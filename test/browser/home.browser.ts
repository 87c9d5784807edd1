import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Page } from 'playwright-core'
import t from 'tap'
import { start } from '../e2e/process.ts'
import { visit } from './browser.ts'
import { twoPhotos, type Photo } from './photos.ts'

const [photo, another] = twoPhotos()
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const { url, stop } = await start(t)
const iris = await start(t, { MODEL_NAME: 'iris' })

/** Drops or pastes files on the page as a browser does it. */
async function give (page: Page, event: 'drop' | 'paste', ...files: Photo[]): Promise<void> {
  await page.evaluate(({ event, files }) => {
    const data = new DataTransfer()
    for (const { name, base64 } of files) {
      data.items.add(new File([Uint8Array.from(atob(base64), character => character.charCodeAt(0))], name, { type: 'image/jpeg' }))
    }
    document.body.dispatchEvent(event === 'drop'
      ? new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true })
      : new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }))
  }, { event, files: files.map(({ name, bytes }) => ({ name, base64: bytes.toString('base64') })) })
}

const firstLabel = (page: Page) => page.locator('.result .label').first()
const answered = (page: Page, count: number) => page.locator('.result:not([aria-busy])').nth(count - 1).waitFor()

/** Everything that axe finds wrong with the page as it is now. */
async function violations (page: Page): Promise<string[]> {
  await page.evaluate(axe)
  return await page.evaluate(async () => {
    const { violations } = await (globalThis as unknown as { axe: typeof import('axe-core') }).axe.run()
    return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`)
  })
}

t.test('a picture is answered, however it comes', async t => {
  const { page, problems } = await visit(t, url)
  await page.setInputFiles('#file', { name: photo.name, mimeType: 'image/jpeg', buffer: photo.bytes })
  await answered(page, 1)
  t.equal(await firstLabel(page).innerText(), photo.label, 'from the picker')
  t.equal(await page.locator('.result .bars li').count(), 5)
  t.match(await page.locator('.result .share').innerText(), /^\d+\.\d %$/)
  t.match(await page.locator('.result .timing').innerText(), /^\d+ ms/)

  await give(page, 'drop', another)
  await answered(page, 2)
  t.equal(await firstLabel(page).innerText(), another.label, 'dropped')

  await give(page, 'paste', photo)
  await answered(page, 3)
  t.equal(await firstLabel(page).innerText(), photo.label, 'pasted')

  await page.locator('.sample').first().click()
  await answered(page, 4)
  t.same(problems, [], 'no error on the console, no request to anywhere else')
})

t.test('several pictures are a list, in their order', async t => {
  const { page, problems } = await visit(t, url)
  await give(page, 'drop', photo, another)
  await page.locator('.done', { hasText: '2 of 2' }).waitFor()
  t.same(await page.locator('.row-label').allTextContents(), [photo.label, another.label])
  t.same(problems, [])
})

t.test('the JSON is the answer, and the command is one that works', async t => {
  const { page } = await visit(t, url)
  await give(page, 'drop', photo)
  await answered(page, 1)
  await page.locator('.result summary').click()
  const json = JSON.parse(await page.locator('.result .json').innerText())
  t.match(json, { food: photo.label.replaceAll(' ', '_'), model: 'tensorfood', top: { length: 5 } })
  t.equal(await page.locator('.result .curl').innerText(), `curl --form 'file=@${photo.name}' ${url}/predict`)
})

t.test("a bad file shows the service's own words", async t => {
  const { page } = await visit(t, url)
  await give(page, 'drop', { name: 'notes.txt', bytes: Buffer.from('no picture'), label: '' })
  await page.locator('.result.failed').waitFor()
  t.equal(await page.locator('.result .error').innerText(), "file 'notes.txt' is not an image; send one of JPEG, PNG, WebP, GIF, AVIF, TIFF, BMP.")
})

t.test('"Why?" shows what carried the answer, and hides it again', async t => {
  const { page, problems } = await visit(t, url)
  await give(page, 'drop', photo)
  await answered(page, 1)
  const why = page.getByRole('button', { name: 'Why?' })
  await why.click()
  const overlay = page.locator('.result .overlay')
  await overlay.waitFor()
  t.equal(await overlay.evaluate(image => (image as HTMLImageElement).decode().then(() => (image as HTMLImageElement).naturalWidth)), 448)
  await page.getByRole('button', { name: 'Hide why' }).click()
  t.notOk(await overlay.isVisible())
  t.same(problems, [])
})

t.test('where a key is wanted, the page asks for it and says what is wrong without it', async t => {
  const service = await start(t, { API_KEYS: 'laboratory:correct-horse-battery' })
  const { page } = await visit(t, service.url)
  await give(page, 'drop', photo)
  await page.locator('.result.failed').waitFor()
  t.match(await page.locator('.result .error').innerText(), /needs an API key/)
  await page.getByLabel('API key').fill('correct-horse-battery')
  await page.keyboard.press('Enter')
  await page.locator('.result .label', { hasText: photo.label }).waitFor()
  t.equal(await service.stop(), 0)
})

t.test('on a phone a photo can be taken', async t => {
  const { page } = await visit(t, url, { viewport: { width: 360, height: 780 }, hasTouch: true, isMobile: true })
  t.ok(await page.getByText('Take a photo').isVisible())
  t.equal(await page.locator('#camera').getAttribute('capture'), 'environment')
  await page.setInputFiles('#camera', { name: photo.name, mimeType: 'image/jpeg', buffer: photo.bytes })
  await answered(page, 1)
  t.equal(await firstLabel(page).innerText(), photo.label)
})

t.test('one upload works without JavaScript', async t => {
  const { page } = await visit(t, url, { javaScriptEnabled: false })
  await page.setInputFiles('#file', { name: photo.name, mimeType: 'image/jpeg', buffer: photo.bytes })
  await page.locator('#ask button:visible').click()
  await page.waitForURL('**/predict')
  t.equal(await page.locator('.result .label').innerText(), photo.label)
})

t.test('a row is answered as it is typed, as the sliders move, and from an example', async t => {
  const { page, problems } = await visit(t, iris.url)
  await answered(page, 1)
  t.equal(await firstLabel(page).innerText(), 'virginica', "the card's example")
  await page.getByLabel('petal length in cm', { exact: true }).fill('1.4')
  await page.getByLabel('petal width in cm', { exact: true }).fill('0.2')
  await page.locator('.result .label', { hasText: 'setosa' }).waitFor()
  await page.getByLabel('petal length, slider').fill('4.2')
  await page.getByLabel('petal width, slider').fill('1.3')
  await page.locator('.result .label', { hasText: 'versicolor' }).waitFor()
  t.equal(await page.getByLabel('petal length in cm', { exact: true }).inputValue(), '4.2')
  await page.getByLabel('petal length in cm', { exact: true }).fill('')
  await page.locator('.result.failed').waitFor()
  t.match(await page.locator('.result .error').innerText(), /petal length/)
  await page.getByRole('button', { name: 'setosa' }).first().click()
  await page.locator('.result .label', { hasText: 'setosa' }).waitFor()
  await page.getByRole('button', { name: 'Why?' }).click()
  await page.locator('.effects li').first().waitFor()
  t.equal(await page.locator('.effects li').count(), 4)
  t.equal(problems.filter(problem => !problem.includes('422') && !problem.includes('400')).length, 0, problems.join())
})

t.test('a CSV comes back as a table and as a file', async t => {
  const { page, problems } = await visit(t, iris.url)
  const csv = 'flower,petal width,petal length,sepal width,sepal length\n"a, b",0.2,1.4,3.5,5.1\nc,1.8,5.1,3,5.9\n'
  await page.setInputFiles('#csv', { name: 'flowers.csv', mimeType: 'text/csv', buffer: Buffer.from(csv) })
  await page.locator('#rows td').first().waitFor()
  t.same(await page.locator('#rows th').allInnerTexts(), ['flower', 'petal width', 'petal length', 'sepal width', 'sepal length', 'species', 'probability'])
  t.same(await page.locator('#rows td:first-child').allInnerTexts(), ['a, b', 'c'])
  t.same(await page.locator('#rows td:nth-last-child(2)').allInnerTexts(), ['setosa', 'virginica'])
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: 'Download as CSV' }).click()])
  t.match(readFileSync(await download.path(), 'utf8'), /^flower,.*,species,probability\n"a, b",0\.2,.*,setosa,0\.9/)

  await page.evaluate(() => {
    const data = new DataTransfer()
    data.setData('text', '5.1,3.5,1.4,0.2\nnonsense,3,5.1,1.8')
    document.body.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true }))
  })
  await page.locator('#rows td.fault').waitFor()
  t.match(await page.locator('#rows tbody tr').first().innerText(), /setosa/, 'pasted rows are answered')
  t.match(await page.locator('#rows tbody tr').last().innerText(), /sepal length/, 'and a faulty one says which field is wrong')
  t.same(problems.filter(problem => !problem.includes('422')), [])
})

t.test('axe finds nothing, in light and dark, on a desktop and on a phone', async t => {
  for (const colorScheme of ['light', 'dark'] as const) {
    for (const viewport of [{ width: 1200, height: 900 }, { width: 360, height: 780 }]) {
      const where = `${colorScheme}, ${viewport.width} pixels`
      const pictures = (await visit(t, url, { colorScheme, viewport, reducedMotion: 'reduce' })).page
      await give(pictures, 'drop', another, { name: 'notes.txt', bytes: Buffer.from('no picture'), label: '' })
      await pictures.locator('.done', { hasText: '2 of 2' }).waitFor()
      await pictures.locator('.row').last().click()
      await give(pictures, 'drop', photo)
      await answered(pictures, 2)
      await pictures.locator('.why:visible').click()
      await pictures.locator('.overlay').waitFor()
      await pictures.locator('summary:visible').first().click()
      t.same(await violations(pictures), [], `pictures, ${where}`)
      t.equal(await pictures.evaluate(() => document.documentElement.scrollWidth - innerWidth), 0, `nothing to scroll sideways, ${where}`)
      const rows = (await visit(t, iris.url, { colorScheme, viewport, reducedMotion: 'reduce' })).page
      await answered(rows, 1)
      await rows.locator('.why:visible').click()
      await rows.locator('.effects').waitFor()
      t.same(await violations(rows), [], `rows, ${where}`)
      for (const path of ['/docs', '/docs/models/tensorfood']) {
        await pictures.goto(`${url}${path}`)
        t.same(await violations(pictures), [], `${path}, ${where}`)
        t.equal(await pictures.evaluate(() => document.documentElement.scrollWidth - innerWidth), 0, `${path}: nothing to scroll sideways, ${where}`)
      }
    }
  }
})

t.test('both services end cleanly', async t => {
  t.equal(await stop(), 0)
  t.equal(await iris.stop(), 0)
})
