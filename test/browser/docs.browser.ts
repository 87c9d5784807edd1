import t from 'tap'
import { start } from '../e2e/process.ts'
import { visit } from './browser.ts'

const PHONE = { width: 360, height: 740 }
const DESKTOP = { width: 1440, height: 900 }

const { url, stop } = await start(t)

t.test('on a phone the contents are closed, and open on a tap; on a desktop they stand beside the document', async t => {
  const phone = (await visit(t, `${url}/docs`, { viewport: PHONE })).page
  const link = phone.locator('.contents a', { hasText: 'Configuration' })
  t.notOk(await link.isVisible())
  t.ok((await phone.locator('h1').boundingBox())!.y < 300, 'the document begins on the first screen')
  await phone.locator('.contents summary').click()
  await link.click()
  await phone.waitForURL('**/docs/configuration')
  t.equal(await phone.locator('h1').innerText(), 'Configuration')
  t.notOk(await link.isVisible(), 'closed again on the next page')

  const desktop = (await visit(t, `${url}/docs/configuration`, { viewport: DESKTOP })).page
  t.ok(await desktop.locator('.contents a[aria-current=page]', { hasText: 'Configuration' }).isVisible())
  t.notOk(await desktop.locator('.contents summary').isVisible())
  const [contents, document] = [await desktop.locator('.contents').boundingBox(), await desktop.locator('.document').boundingBox()]
  t.ok(contents!.x + contents!.width <= document!.x)
})

t.test('the search is used by keyboard alone: / to begin, arrows to choose, Enter to go, Escape to leave', async t => {
  const { page, problems } = await visit(t, url, { viewport: DESKTOP })
  await page.goto(`${url}/docs`)
  await page.keyboard.press('/')
  t.ok(await page.locator('#search').evaluate(element => element === document.activeElement))
  await page.keyboard.type('queue_limit')
  await page.locator('.found a').first().waitFor()
  t.match(await page.locator('.search [role=status]').innerText(), /^\d+ results$/)
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('ArrowDown')
  t.ok(await page.locator('.found a').nth(1).evaluate(element => element === document.activeElement))
  await page.keyboard.press('ArrowUp')
  await page.keyboard.press('ArrowUp')
  t.ok(await page.locator('#search').evaluate(element => element === document.activeElement), 'and back to the field')
  await page.keyboard.press('Escape')
  t.notOk(await page.locator('.found').isVisible())

  await page.keyboard.press('Control+A')
  await page.keyboard.type('api keys')
  await page.locator('.found a', { hasText: 'API keys' }).first().waitFor()
  await page.keyboard.press('Enter')
  await page.waitForURL('**/docs/configuration#api-keys')
  t.same(problems, [], 'no console error, no request to anywhere else')
})

t.test('what is nowhere is said, and a search that cannot be loaded says what to do', async t => {
  const { page } = await visit(t, `${url}/docs/errors`, { viewport: PHONE })
  await page.locator('#search').fill('zeppelin')
  await page.locator('.search [role=status]', { hasText: 'Nothing has “zeppelin”.' }).waitFor()
  t.notOk(await page.locator('.found').isVisible())

  const offline = (await visit(t, `${url}/docs/errors`, { viewport: PHONE })).page
  await offline.route('**/search.json', async route => await route.abort())
  await offline.locator('#search').fill('queue')
  await offline.locator('.search [role=status]', { hasText: 'Check that the service still runs' }).waitFor()
  await offline.unroute('**/search.json')
  await offline.locator('#search').fill('queue limit')
  await offline.locator('.found a').first().waitFor()
})

t.test('the results stay on the screen of a phone, and a tap elsewhere closes them', async t => {
  const { page } = await visit(t, `${url}/docs/errors`, { viewport: PHONE })
  await page.locator('#search').fill('model')
  const found = page.locator('.found')
  await found.locator('a').first().waitFor()
  const box = await found.boundingBox()
  t.ok(box!.x >= 0 && box!.x + box!.width <= PHONE.width)
  t.ok(box!.y + box!.height <= PHONE.height)
  await page.mouse.click(10, 40)
  t.notOk(await found.isVisible())
})

t.test('next leads through the whole manual, and previous back', async t => {
  const { page } = await visit(t, `${url}/docs`, { viewport: PHONE })
  const titles: string[] = []
  for (;;) {
    titles.push(await page.locator('h1').first().innerText())
    t.equal(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth), 0, `${page.url()}: nothing to scroll sideways`)
    const next = page.locator('.pager [rel=next]')
    if (await next.count() === 0) break
    const url = page.url()
    await next.click()
    await page.waitForURL(now => now.href !== url)
  }
  t.ok(titles.length > 15, titles.join(', '))
  await page.locator('.pager [rel=prev]').click()
  await page.locator('h1', { hasText: titles.at(-2)! }).waitFor()
})

t.test('a table of few columns needs no scrolling on a phone', async t => {
  const { page } = await visit(t, `${url}/docs/configuration`, { viewport: PHONE })
  const cell = page.locator('td', { hasText: 'port to listen on' })
  const box = await cell.boundingBox()
  t.ok(box!.x >= 0 && box!.x + box!.width <= PHONE.width)
})

t.test('without JavaScript the manual can be read, and has no search that does nothing', async t => {
  const { page } = await visit(t, `${url}/docs`, { viewport: PHONE, javaScriptEnabled: false })
  t.notOk(await page.locator('#search').isVisible())
  await page.locator('.contents summary').click()
  await page.locator('.contents a', { hasText: 'Errors' }).click()
  await page.waitForURL('**/docs/errors')
})

t.test('the service ends cleanly', async t => {
  t.equal(await stop(), 0)
})
