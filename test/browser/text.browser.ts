import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Page } from 'playwright-core'
import t from 'tap'
import { start } from '../e2e/process.ts'
import { modelFolder } from '../fixtures/model.ts'
import { reviewsCard, reviewsModel } from '../fixtures/reviews.ts'
import { visit } from './browser.ts'

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const { url, stop } = await start(t, { MODEL_PATH: modelFolder(t, { card: reviewsCard, model: reviewsModel }), TEXT_LIMIT: '2000' })

const answer = (page: Page, label: string) => page.locator('.result:not([aria-busy]) .label', { hasText: label }).waitFor()

/** Everything that axe finds wrong with the page as it is now. */
async function violations (page: Page): Promise<string[]> {
  await page.evaluate(axe)
  return await page.evaluate(async () => {
    const { violations } = await (globalThis as unknown as { axe: typeof import('axe-core') }).axe.run()
    return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`)
  })
}

t.test('a text is answered while somebody types, and from an example', async t => {
  const { page, problems } = await visit(t, url)
  t.ok(await page.locator('#empty').isVisible())
  await page.getByLabel('Text', { exact: true }).pressSequentially('the food was great')
  await answer(page, 'positive')
  t.notOk(await page.locator('#empty').isVisible())
  t.equal(await page.locator('#count').innerText(), '18 of at most 2,000 characters.')
  await page.locator('.result summary').click()
  t.match(await page.locator('.result .curl').innerText(), `curl --json '{"text":"the food was great"}' ${url}/predict`)
  await page.getByRole('button', { name: 'A rude staff' }).click()
  await answer(page, 'negative')
  t.equal(await page.getByLabel('Text', { exact: true }).inputValue(), 'A rude staff and cold coffee.')
  t.equal(await page.locator('.result').count(), 1)
  await page.getByLabel('Text', { exact: true }).fill('')
  await page.locator('#empty').waitFor()
  t.equal(await page.locator('.result').count(), 0)
  t.same(problems, [])
})

t.test('answers come in order, and only the last one is shown, however slow the first one is', async t => {
  const { page } = await visit(t, url)
  let isFirst = true
  const asked: string[] = []
  await page.route('**/predict', async route => {
    asked.push(route.request().postDataJSON().text)
    if (isFirst) {
      isFirst = false
      await new Promise(resolve => setTimeout(resolve, 1000))
    }
    await route.continue()
  })
  const labels: string[] = []
  await page.exposeFunction('seen', (label: string) => labels.push(label))
  await page.evaluate(() => {
    new MutationObserver(() => { (globalThis as unknown as { seen: (label: string) => void }).seen(document.querySelector('.result:not([aria-busy]) .label')?.textContent ?? '') })
      .observe(document.querySelector('#results')!, { childList: true, subtree: true, characterData: true })
  })
  const field = page.getByLabel('Text', { exact: true })
  const sent = page.waitForRequest('**/predict')
  await field.fill('great')
  await sent
  for (const text of ['bad', 'awful and rude']) await field.fill(text)
  await answer(page, 'negative')
  t.same(asked, ['great', 'awful and rude'], 'what is out of date is not asked')
  t.notOk(labels.includes('positive'), 'and not shown')
})

t.test('"Why?" marks the words that matter, not by colour alone, and goes when the text changes', async t => {
  const { page, problems } = await visit(t, url)
  await page.getByLabel('Text', { exact: true }).fill('great, kind, but rude staff')
  await answer(page, 'positive')
  await page.getByRole('button', { name: 'Why?' }).click()
  await page.locator('.marked').waitFor()
  t.equal(await page.locator('.marked').innerText(), 'great, kind, but rude staff')
  const looks = await page.locator('.marked span').evaluateAll(all => all.map(word => [word.textContent, word.getAttribute('title'), getComputedStyle(word).textDecorationStyle]))
  t.same(looks, [['great', '+36.7 points: speaks for it', 'solid'], ['kind', '+32.7 points: speaks for it', 'solid'], ['rude', '−13.7 points: speaks against it', 'dashed']])
  const thickness = await page.locator('.marked span').evaluateAll(all => all.map(word => parseFloat(getComputedStyle(word).textDecorationThickness)))
  t.ok(thickness[0]! > thickness[2]!, 'what matters more has a thicker line')
  t.same(await page.locator('.effects li').allTextContents(), ['great+36.7 points: speaks for it', 'kind+32.7 points: speaks for it', 'rude−13.7 points: speaks against it', 'staff−1.4 points: speaks against it'])
  await page.getByLabel('Text', { exact: true }).fill('awful')
  await answer(page, 'negative')
  t.notOk(await page.locator('.marked').isVisible())
  t.same(problems, [])
})

t.test('many lines, a text file and a CSV file come back as a table and as a file', async t => {
  const { page, problems } = await visit(t, url)
  const cells = async (column: number) => await page.locator(`#rows td:nth-child(${column})`).allInnerTexts()
  await page.locator('#lines').fill('great, really\n\nIt was "awful"\n')
  await page.getByRole('button', { name: 'Predict all lines' }).click()
  await page.locator('#rows td').first().waitFor()
  t.same(await page.locator('#rows th').allInnerTexts(), ['text', 'sentiment', 'probability'])
  t.same([await cells(1), await cells(2)], [['great, really', 'It was "awful"'], ['positive', 'negative']])
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: 'Download as CSV' }).click()])
  t.match(readFileSync(await download.path(), 'utf8'), /^text,sentiment,probability\n"great, really",positive,0\.\d+\n"It was ""awful""",negative,0\.\d+\n$/)
  await page.setInputFiles('#csv', { name: 'a.txt', mimeType: 'text/plain', buffer: Buffer.from('rude\r\nkind') })
  await page.locator('#rows td', { hasText: 'rude' }).waitFor()
  t.same(await cells(2), ['negative', 'positive'])
  await page.setInputFiles('#csv', { name: 'a.csv', mimeType: 'text/csv', buffer: Buffer.from('id;text\n7;clean\n') })
  await page.locator('#rows td', { hasText: '7' }).first().waitFor()
  t.same(await page.locator('#rows th').allInnerTexts(), ['id', 'text', 'sentiment', 'probability'])
  await page.evaluate(() => {
    const data = new DataTransfer()
    data.setData('text', 'slow\nwarm')
    document.body.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true }))
  })
  await page.locator('#rows td', { hasText: 'slow' }).waitFor()
  t.same(await cells(2), ['negative', 'positive'])
  t.same(problems, [])
})

t.test('what goes wrong is said: a text that is too long, a file that is no CSV, a fault, and no service', async t => {
  const { page } = await visit(t, url)
  const field = page.getByLabel('Text', { exact: true })
  const error = page.locator('.result .error')
  await field.fill('a'.repeat(2001))
  await error.waitFor()
  t.match(await error.innerText(), /2,001 characters, over the limit of 2,000/)
  t.equal(await field.getAttribute('aria-invalid'), 'true')
  await page.setInputFiles('#csv', { name: 'a.csv', mimeType: 'text/csv', buffer: Buffer.from('review\ngreat\n') })
  await page.locator('#rows .error', { hasText: "lacks 'text'" }).waitFor()
  await page.route('**/predict', async route => await route.fulfill({ status: 502, contentType: 'text/html', body: '<p>' }))
  await field.fill('great')
  await page.locator('.result .error', { hasText: 'The service answered with status 502.' }).waitFor()
  await page.unroute('**/predict')
  await page.context().setOffline(true)
  await field.fill('great food')
  await page.locator('.result .error', { hasText: 'You are offline.' }).waitFor()
  await page.context().setOffline(false)
  await field.fill('great coffee')
  await answer(page, 'positive')
  t.notOk(await error.isVisible())
})

t.test('a text and a CSV file work without JavaScript', async t => {
  const { page } = await visit(t, url, { javaScriptEnabled: false })
  await page.getByLabel('Text', { exact: true }).fill('great')
  await page.getByRole('button', { name: 'Predict the sentiment' }).click()
  await page.waitForURL('**/predict')
  t.equal(await page.locator('.result .label').innerText(), 'positive')
  await page.goto(url)
  await page.setInputFiles('#csv', { name: 'a.csv', mimeType: 'text/csv', buffer: Buffer.from('text\nawful\n') })
  await page.getByRole('button', { name: 'Predict all texts' }).click()
  await page.waitForURL('**/predict')
  t.equal(await page.locator('.result .label').innerText(), 'negative')
})

t.test('axe finds nothing, and nothing is to be scrolled sideways', async t => {
  for (const colorScheme of ['light', 'dark'] as const) {
    for (const width of [1440, 360]) {
      const { page } = await visit(t, url, { colorScheme, viewport: { width, height: 800 }, reducedMotion: 'reduce' })
      await page.getByRole('button', { name: 'The food was great' }).click()
      await answer(page, 'positive')
      await page.getByRole('button', { name: 'Why?' }).click()
      await page.locator('.marked').waitFor()
      await page.locator('#lines').fill(`${'a long text '.repeat(30)}\ngreat`)
      await page.getByRole('button', { name: 'Predict all lines' }).click()
      await page.locator('#rows td').first().waitFor()
      t.same(await violations(page), [], `${colorScheme}, ${width} pixels`)
      t.equal(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth), 0, `${width} pixels`)
    }
  }
})

t.test('the service ends cleanly', async t => { t.equal(await stop(), 0) })
