import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Locator, Page } from 'playwright-core'
import t from 'tap'
import { start } from '../e2e/process.ts'
import { echoCard, echoModel, modelFolder } from '../fixtures/model.ts'
import { reviewsCard, reviewsModel } from '../fixtures/reviews.ts'
import { visit } from './browser.ts'

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const { url } = await start(t, { MODEL_NAME: 'iris' })

/** Everything that axe finds wrong with the page as it is now. */
async function violations (page: Page): Promise<string[]> {
  await page.evaluate(axe)
  return await page.evaluate(async () => {
    const { violations } = await (globalThis as unknown as { axe: typeof import('axe-core') }).axe.run()
    return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`)
  })
}

const type = async (page: Page, name: string, value: string) => await page.getByLabel(`${name} in cm`, { exact: true }).fill(value)
const shown = async (place: Locator, text: string) => await place.filter({ hasText: text }).waitFor()

/** Gives a table to the page, and waits for the rows. */
async function give (page: Page, csv: string | Buffer): Promise<void> {
  await page.locator('#rows').evaluate(rows => rows.replaceChildren())
  await page.setInputFiles('#csv', { name: 'rows.csv', mimeType: 'text/csv', buffer: Buffer.from(csv) })
  await page.locator('#rows *').first().waitFor()
}

const cells = async (page: Page, column: number) => await page.locator(`#rows td:nth-child(${column})`).evaluateAll(all => all.map(cell => cell.firstChild?.textContent))

t.test('a value outside those of training is said beside the field and on the answer, which looks uncertain', async t => {
  const { page, problems } = await visit(t, url)
  await shown(page.locator('.result .share'), '%')
  await type(page, 'sepal length', '99')
  await shown(page.locator('.result .verdict'), 'This is a guess: sepal length 99 cm is outside the 4.3 to 7.9 cm of training.')
  t.match(await page.locator('.result').getAttribute('class'), 'unsure')
  t.match(await page.locator('#status').innerText(), /^versicolor, 100\.0 %\. This is a guess/, 'for screen readers, too')
  const described = await page.getByLabel('sepal length in cm', { exact: true }).getAttribute('aria-describedby')
  t.equal(await page.locator(`#${described}`).innerText(), '99 cm is outside the 4.3 to 7.9 cm of training')
  await type(page, 'sepal width', '0.5')
  await shown(page.locator('.result .verdict'), 'sepal length 99 cm is outside the 4.3 to 7.9 cm of training, sepal width 0.5 cm is outside the 2 to 4.4 cm of training.')
  await page.getByRole('button', { name: 'setosa' }).click()
  await shown(page.locator('.result .label'), 'setosa')
  t.equal(await page.locator('.result .verdict').innerText(), '')
  t.notMatch(await page.locator('.result').getAttribute('class'), 'unsure')
  t.equal(await page.locator(`#${described}`).innerText(), '4.3 to 7.9 in training')
  t.same(problems, [])
})

t.test('two labels that are about as probable are both named', async t => {
  const { page } = await visit(t, url)
  for (const [name, value] of Object.entries({ 'sepal length': '6', 'sepal width': '2.7', 'petal length': '4.9', 'petal width': '1.6' })) await type(page, name, value)
  await shown(page.locator('.result .verdict'), 'It may be virginica or versicolor: the model finds them about equally probable.')
  t.match(await page.locator('.result').getAttribute('class'), 'unsure')
})

t.test('an improbable answer and one among many are doubted', async t => {
  const labels = ['a', 'b', 'c', 'd', 'e']
  const { url } = await start(t, { MODEL_PATH: modelFolder(t, { card: echoCard, model: echoModel }) })
  const { page } = await visit(t, url)
  // The answers are made up, because the rule is that of the page.
  const answer = async (probabilities: number[]) => {
    await page.route('**/predict', async route => await route.fulfill({
      json: { [echoCard.labelKey]: 'a', probability: probabilities[0], index: 0, top: probabilities.map((probability, index) => ({ label: labels[index], index, probability })) }
    }))
    await page.locator('#ask input').first().fill(String(Math.random()))
  }
  for (const [probabilities, verdict] of [
    [[0.9, 0.1], ''], [[0.4, 0.2, 0.2, 0.2], 'The model is not sure. It may be something else.'],
    [[0.3, 0.28, 0.27], 'It may be a, b or c: the model finds them about equally probable.'],
    [[0.2, 0.2, 0.2, 0.2, 0.2], 'The model does not know: several labels are about as probable.']
  ] as const) {
    await answer([...probabilities])
    await page.waitForFunction(verdict => document.querySelector('.result .verdict')?.textContent === verdict, verdict)
  }
})

t.test('an empty field is called empty, and asks nothing of the service', async t => {
  const { page, problems } = await visit(t, url)
  await shown(page.locator('.result .share'), '%')
  await type(page, 'petal length', '')
  await shown(page.locator('.result .error'), 'petal length is empty. Type a number.')
  const field = page.getByLabel('petal length in cm', { exact: true })
  t.equal(await field.getAttribute('aria-invalid'), 'true')
  await field.pressSequentially('1e')
  await shown(page.locator('.result .error'), 'petal length is not a number. Type one, such as 1.5.')
  await type(page, 'petal length', '1.4')
  await shown(page.locator('.result .share'), '%')
  t.equal(await field.getAttribute('aria-invalid'), 'false')
  t.same(problems, [])
})

t.test('faulty rows are reported beside the answers of the others', async t => {
  const { page, problems } = await visit(t, url)
  await give(page, 'flower;sepal length;sepal width;petal length;petal width\na;5,1;3,5;1,4;0,2\nb;6;;4,9;1,6\n"c;d";6,3;3,3;6;2,5\n\ne;5,9;3;5,1\n')
  t.same(await cells(page, 1), ['a', 'b', 'c;d', 'e'])
  t.same(await cells(page, 6), ['setosa', "'sepal width' is empty, not a number.", 'virginica', 'has 4 values; the header has 5.'])
  t.match(await page.locator('#rows p').innerText(), /^4 rows in \d+ ms\. 2 rows have no answer: the last columns say why\. Download/)
  t.match(await page.locator('#status').innerText(), '2 rows have no answer')
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: 'Download as CSV' }).click()])
  const lines = readFileSync(await download.path(), 'utf8').trim().split('\n')
  t.equal(lines[0], 'flower;sepal length;sepal width;petal length;petal width;species;probability;error')
  t.match(lines[1], /^a;5,1;3,5;1,4;0,2;setosa;0,97\d+;$/, 'numbers as those of the file')
  t.equal(lines[2], "b;6;;4,9;1,6;;;'sepal width' is empty, not a number.")

  await give(page, 'x,3,5.1,1.8\n'.repeat(250) + '5.1,3.5,1.4,0.2\n')
  t.match(await page.locator('#rows p').innerText(), /^251 rows in \d+ ms\. 250 rows have no answer.*The first 200 rows are shown/, 'more faults than one error tells')
  await give(page, '5.1,3.5,,0.2\n')
  t.same(await cells(page, 5), ["'petal length' is empty, not a number."], 'no row is left')
  t.same(problems.filter(problem => !problem.includes('422')), [])
})

t.test('the answer to the latest table is shown, whichever comes first, and the download of an earlier one takes no memory', async t => {
  const { page } = await visit(t, url)
  let release = () => {}
  const isReleased = new Promise<void>(resolve => { release = resolve })
  await page.route('**/predict', async (route, request) => {
    if (request.postData()?.includes('early')) await isReleased
    await route.continue()
  })
  const header = 'flower,sepal length,sepal width,petal length,petal width\n'
  await page.setInputFiles('#csv', { name: 'early.csv', mimeType: 'text/csv', buffer: Buffer.from(`${header}early,5.1,3.5,1.4,0.2\n`) })
  await give(page, `${header}first,5.1,3.5,1.4,0.2\n`)
  const earlier = await page.getByRole('link', { name: 'Download as CSV' }).getAttribute('href')
  await give(page, `${header}late,5.1,3.5,1.4,0.2\n`)
  const answered = page.waitForResponse(response => response.request().postData()?.includes('early') === true)
  release()
  await (await answered).finished()
  await page.evaluate(async () => await new Promise(resolve => requestAnimationFrame(() => setTimeout(resolve))))
  t.same(await cells(page, 1), ['late'])
  t.equal(await page.evaluate(async address => await fetch(address).then(() => 'kept', () => 'gone'), earlier!), 'gone')
})

t.test('decimal commas without a header, and a file in UTF-16, are read', async t => {
  const { page, problems } = await visit(t, url)
  await give(page, '5,1;3,5;1,4;0,2\n5,9;3,0;5,1;1,8\n')
  t.same([await cells(page, 1), await cells(page, 5), await cells(page, 6)], [['5,1', '5,9'], ['setosa', 'virginica'], ['97.8 %', '74.7 %']])
  await give(page, Buffer.from('\ufeffsepal length;sepal width;petal length;petal width\r\n5,1;3,5;1,4;0,2\r\n', 'utf16le'))
  t.same(await cells(page, 5), ['setosa'])
  t.same(problems, [])
})

t.test('values outside those of training are marked in a table', async t => {
  const { page } = await visit(t, url)
  await give(page, 'sepal length,sepal width,petal length,petal width\n99,3.1,4.7,1.5\n5.1,3.5,1.4,0.2\n')
  t.same(await page.locator('#rows .strange').allTextContents(), ['99, outside the 4.3 to 7.9 cm of training'])
  t.equal(await page.locator('#rows .doubtful').count(), 2, 'and the answer of that row is doubted')
  t.match(await page.locator('#rows p').innerText(), '1 row has a value outside those of training: there, the answer is a guess.')
})

t.test('a text table has its faulty rows, too', async t => {
  const service = await start(t, { MODEL_PATH: modelFolder(t, { card: reviewsCard, model: reviewsModel }) })
  const { page } = await visit(t, service.url)
  await give(page, 'id,text\n1,great\n2,good, bad\n3,awful\n')
  t.same(await cells(page, 1), ['1', '2', '3'])
  t.match((await cells(page, 3))[1], /^has 3 values; the header has 2\. A text with a delimiter/)
})

t.test('no two examples read the same', async t => {
  const { page } = await visit(t, url)
  const texts = await page.locator('.chip').allInnerTexts()
  t.same(texts, ['setosa', 'versicolor', 'virginica sepal length 6.3', 'virginica sepal length 5.9'])
})

t.test('on a phone, the answer stays in sight above the sliders', async t => {
  const { page } = await visit(t, url, { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true })
  const glance = page.locator('.glance')
  await shown(glance, 'virginica')
  const slider = page.getByLabel('petal width, slider')
  await slider.scrollIntoViewIfNeeded()
  await page.evaluate(() => scrollTo(0, 400))
  await slider.fill('0.2')
  await page.getByLabel('petal length, slider').fill('1.2')
  await shown(glance, 'setosa')
  const box = await glance.boundingBox()
  t.equal(box?.y, 0, 'at the top of the window')
  t.equal(await glance.locator('.share').innerText(), await page.locator('.result .share').innerText())
  await glance.click()
  t.ok((await page.locator('.result').boundingBox())!.y < 740, 'and leads to the whole answer')
  await page.setViewportSize({ width: 1440, height: 900 })
  t.notOk(await glance.isVisible(), 'beside the form, it is in sight anyway')
})

t.test('axe finds nothing wrong with doubt and code, and nothing is to be scrolled sideways', async t => {
  for (const colorScheme of ['light', 'dark'] as const) {
    for (const width of [1440, 360]) {
      const { page } = await visit(t, url, { colorScheme, viewport: { width, height: 800 }, reducedMotion: 'reduce' })
      await type(page, 'sepal length', '99')
      await shown(page.locator('.result .verdict'), 'guess')
      await page.locator('.use summary').click()
      await page.getByRole('tab', { name: 'JavaScript' }).click()
      await give(page, 'sepal length,sepal width,petal length,petal width\n99,3.1,4.7,1.5\n5.1,,1.4,0.2\n')
      t.same(await violations(page), [], `${colorScheme}, ${width} pixels`)
      t.equal(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth), 0, `${width} pixels`)
    }
  }
})
