import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import t from 'tap'
import { start } from '../e2e/process.ts'
import { expected, picture } from '../fixtures/expected.ts'
import { echoCard, modelFolder } from '../fixtures/model.ts'
import { visit } from './browser.ts'

/** The layout is not measured at the start: it changes no page. */
const LAYOUT = { WORKERS: '1', THREADS: '1', MAX_BATCH: '1' }

const PHONE = { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true }

/** A camera that shows a test picture, and a visitor who lets every page use it. */
const CAMERA = ['--use-fake-ui-for-media-stream', '--use-fake-device-for-media-stream']

const { label } = expected.pictures['rgb.png']!
const shown = label.replaceAll('_', ' ')
const { url, stop } = await start(t, LAYOUT)
const iris = await start(t, { MODEL_NAME: 'iris', ...LAYOUT })

/** The form has its script. Before that, it is one without. */
const started = (page: Page) => page.locator('#file[multiple]').waitFor({ state: 'attached' })
const answer = (page: Page) => page.locator('.result:not([aria-busy]) .label').first()

t.test('Info, a missing page and the answers to forms without JavaScript are pages, and JSON for programs', async t => {
  const { page } = await visit(t, url, { javaScriptEnabled: false })
  await page.getByRole('link', { name: 'Info' }).click()
  await page.waitForURL('**/info')
  t.match(await page.locator('main').innerText(), /64 × 64 × 3[\s\S]*The most probable label, of 25 labels/)
  t.equal(await page.locator('nav [aria-current]').innerText(), 'Info')

  await page.goto(`${url}/no/such/page`)
  t.equal(await page.locator('h1').innerText(), 'Page not found')
  await page.getByRole('link', { name: 'Try the model' }).click()
  t.equal(page.url(), `${url}/`)

  await page.setInputFiles('#file', { name: 'a.png', mimeType: 'image/png', buffer: picture('rgb.png') })
  await page.locator('#ask button:visible').click()
  await page.waitForURL('**/predict')
  t.equal(await page.locator('.result .label').innerText(), shown)
  t.equal(await page.locator('.bars li').count(), 5)
  t.ok(Number((await page.locator('.bars rect').first().boundingBox())?.width) > 1, 'the bar has a length')
  await page.getByRole('link', { name: 'Ask again' }).click()

  await page.setInputFiles('#file', { name: 'notes.txt', mimeType: 'text/plain', buffer: Buffer.from('no picture') })
  await page.locator('#ask button:visible').click()
  await page.waitForURL('**/predict')
  t.match(await page.locator('.error').innerText(), /'notes.txt' is not an image/)

  await page.goto(iris.url)
  await page.setInputFiles('#csv', { name: 'rows.csv', mimeType: 'text/csv', buffer: Buffer.from('5.1,3.5,1.4,0.2\n5.9,3,5.1,1.8\n') })
  await page.locator('#table button:visible').click()
  await page.waitForURL('**/predict')
  t.same(await page.locator('td:nth-child(3)').allInnerTexts(), ['setosa', 'virginica'])

  for (const path of ['/info', '/no/such/page']) {
    for (const accept of ['*/*', 'application/json', 'application/json, text/plain, */*']) {
      const { headers } = await fetch(`${url}${path}`, { headers: { accept } })
      t.match(headers.get('content-type'), 'application/json', `${path} for ${accept}`)
      t.match(headers.get('vary'), 'Accept')
    }
  }
})

t.test('of a model of which nothing is known, the page shows no empty heading, and no link leads nowhere', async t => {
  const folder = modelFolder(t, { card: { ...echoCard, about: { description: '', pretrainedOn: '', limits: [''], dataset: { name: '', train: 0 }, performance: { top1: 0 } } } })
  writeFileSync(join(folder, 'README.md'), `# Echo\n\n${'It says a lot. '.repeat(50_000)}`)
  const service = await start(t, { MODEL_PATH: folder, ...LAYOUT })
  const { page, problems } = await visit(t, service.url)
  await answer(page).waitFor()
  const text = await page.locator('main').innerText()
  for (const never of [/\b0\.0 %/, /\. Pretrained/, /Pretrained on/, /Limitations/, /undefined|null|NaN/, /More about this model/]) t.notMatch(text.replace(await page.locator('.try').innerText(), ''), never)
  t.same(await page.locator(':is(h1, h2, h3, dt, dd, p, ul, dl, figure):visible').evaluateAll(parts => parts.filter(part => part.textContent === '' && part.childElementCount === 0).map(part => part.outerHTML)), [], 'nothing is empty')
  const links = await page.locator('a[href]').evaluateAll(links => links.map(link => (link as HTMLAnchorElement).href))
  for (const link of new Set(links)) t.equal((await fetch(link)).status, 200, link)
  t.same(problems, [])
})

t.test('a cell of the confusion matrix is read in words, and its headings stay in sight on a phone', async t => {
  const { page, problems } = await visit(t, url, { ...PHONE, colorScheme: 'dark' })
  const cell = page.locator('.matrix tbody tr').nth(13).locator('td').nth(23)
  await cell.scrollIntoViewIfNeeded()
  await cell.tap()
  t.match(await page.locator('.reading').innerText(), /^Of \d+ × nachos, \d+ \(\d+\.\d %\) were taken for tacos\.$/)
  const box = await page.locator('.confusion .scroll').boundingBox()
  const heading = await page.locator('.matrix tbody tr').nth(13).locator('th').boundingBox()
  t.ok(Math.abs(heading!.x - box!.x) <= 2, 'the true label is at the left edge of what is in sight')
  t.ok(await page.locator('.matrix tbody tr').nth(13).locator('th').evaluate(heading => heading.scrollWidth <= heading.clientWidth), 'and is not cut off')
  const background = async () => await page.locator('.matrix .r5').first().evaluate(cell => getComputedStyle(cell).backgroundColor)
  const dark = await background()
  await page.emulateMedia({ colorScheme: 'light' })
  t.not(await background(), dark, 'light and dark differ')
  t.same(problems, [])
})

t.test('in forced colours, a bar differs from what is behind it', async t => {
  const { page } = await visit(t, iris.url, { forcedColors: 'active', reducedMotion: 'reduce' })
  await answer(page).waitFor()
  const [bar, behind] = await page.locator('.bars .track').first().evaluate(track => [track.firstElementChild!, document.body].map(part => getComputedStyle(part).backgroundColor))
  t.not(bar, behind)
})

t.test('a computer takes a picture with its camera, and lets go of the camera', async t => {
  const { page, problems } = await visit(t, url, { args: CAMERA })
  await page.getByRole('button', { name: 'Use the camera' }).click()
  const dialog = page.getByRole('dialog', { name: 'Camera' })
  await page.locator('dialog button:enabled', { hasText: 'Take the picture' }).waitFor()
  await page.evaluate(() => { Object.assign(globalThis, { tracks: (document.querySelector('dialog video') as HTMLVideoElement & { srcObject: MediaStream }).srcObject.getTracks() }) })
  const ended = async () => await page.evaluate(() => (globalThis as unknown as { tracks: MediaStreamTrack[] }).tracks.every(({ readyState }) => readyState === 'ended'))
  t.notOk(await ended())
  await dialog.getByRole('button', { name: 'Take the picture' }).click()
  await answer(page).waitFor()
  t.equal(await dialog.count(), 0)
  t.ok(await ended(), 'the camera is off')
  t.match(await page.locator('.result figcaption').innerText(), /^camera-.*\.jpg$/)

  await page.getByRole('button', { name: 'Use the camera' }).click()
  await dialog.getByRole('button', { name: 'Stop' }).click()
  t.equal(await dialog.count(), 0)
  t.same(problems, [])
})

t.test('a camera that the page may not use is explained; a phone has its own camera', async t => {
  const { page } = await visit(t, url, { args: ['--use-fake-device-for-media-stream'] })
  await page.evaluate(() => { navigator.mediaDevices.getUserMedia = async () => { throw new DOMException('Permission denied', 'NotAllowedError') } })
  await page.getByRole('button', { name: 'Use the camera' }).click()
  t.match(await page.getByRole('alert').innerText(), /may not use the camera. Allow it/)
  await page.keyboard.press('Escape')
  t.equal(await page.locator('dialog').count(), 0)

  const phone = (await visit(t, url, { ...PHONE, args: CAMERA })).page
  t.ok(await phone.getByText('Take a photo').isVisible())
  t.notOk(await phone.locator('#webcam').isVisible())
})

t.test('a picture is fetched from its address, by the browser', async t => {
  const { page } = await visit(t, url)
  await started(page)
  const readable = { 'access-control-allow-origin': '*', 'content-type': 'image/png' }
  await page.route('https://pictures.example/**', async route => {
    const path = new URL(route.request().url()).pathname
    if (path === '/a.png') return await route.fulfill({ headers: readable, body: picture('rgb.png') })
    if (path === '/page') return await route.fulfill({ headers: { ...readable, 'content-type': 'text/html' }, body: '<p>' })
    if (path === '/missing') return await route.fulfill({ status: 404, headers: readable })
    if (path === '/large') return await route.fulfill({ headers: readable, body: Buffer.alloc(21 * 1024 * 1024) })
    return await route.abort()
  })
  const field = page.getByLabel('Or the address of a picture')
  const ask = async (address: string) => {
    await field.fill(address)
    await field.press('Enter')
  }
  const problem = page.locator('#from-address .error:visible')
  await ask('https://pictures.example/a.png')
  await answer(page).waitFor()
  t.equal(await answer(page).innerText(), shown)
  t.equal(await page.locator('.result figcaption').innerText(), 'a.png')
  t.equal(await field.inputValue(), '')

  for (const [address, message] of [
    ['https://pictures.example/page', /address of a page/], ['https://pictures.example/missing', /answered 404/], ['https://pictures.example/large', /larger than the 20 MiB/],
    ['https://pictures.example/unreadable', /does not let this page read the picture, or cannot be reached/], ['http://pictures.example/a.png', /begin with https/], ['https://', /not an address/]
  ] as const) {
    await ask(address)
    await problem.filter({ hasText: message }).waitFor()
    t.equal(await field.getAttribute('aria-invalid'), 'true', address)
  }

  await page.locator('.result').first().evaluate(result => result.remove())
  await page.evaluate(() => {
    const data = new DataTransfer()
    data.setData('text', `${location.origin}/assets/model/samples/pizza.webp`)
    document.body.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }))
  })
  await page.locator('.result figcaption', { hasText: 'pizza.webp' }).waitFor()
  t.notOk(await problem.count(), 'an address that is pasted anywhere is fetched, too')
})

t.test('the shortcuts are listed and work, and only outside of fields', async t => {
  const { page, problems } = await visit(t, url)
  await started(page)
  await page.getByRole('button', { name: 'Keyboard shortcuts' }).waitFor()
  await page.keyboard.press('?')
  const dialog = page.getByRole('dialog', { name: 'Keyboard shortcuts' })
  t.match(await dialog.innerText(), /O[\s\S]*Choose pictures[\s\S]*U[\s\S]*address of a picture[\s\S]*1 to 9[\s\S]*Try an example/)
  await page.keyboard.press('Escape')
  await page.keyboard.press('1')
  await answer(page).waitFor()
  const opened = page.waitForEvent('filechooser')
  // The browser is told first that the test wants the chooser.
  await page.evaluate(() => {})
  await page.keyboard.press('o')
  const chooser = await opened
  t.ok(chooser.isMultiple())
  await page.keyboard.press('u')
  await page.keyboard.type('y1')
  t.equal(await page.getByLabel('Or the address of a picture').inputValue(), 'y1', 'a letter in a field is a letter')
  t.equal(await page.locator('.result').count(), 1)
  await page.getByRole('button', { name: 'Keyboard shortcuts' }).click()
  await dialog.getByRole('checkbox').uncheck()
  await dialog.getByRole('button', { name: 'Close' }).click()
  await page.keyboard.press('1')
  await page.keyboard.press('?')
  t.notOk(await dialog.getByRole('checkbox').isChecked(), 'they can be turned off, but for their list')
  t.equal(await page.locator('.result').count(), 1)
  t.same(problems, [])
})

t.test('Swagger UI fits a phone, and has our mark and a way home', async t => {
  const { page, problems } = await visit(t, `${url}/swagger/`, PHONE)
  await page.locator('.opblock').first().waitFor()
  t.equal(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth), 0)
  t.equal(await page.evaluate(() => innerWidth), 360, 'the viewport is that of the phone')
  t.equal(await page.locator('nav [aria-current]').innerText(), 'API')
  await page.getByRole('link', { name: 'Servery' }).click()
  t.equal(page.url(), `${url}/`)
  t.same(problems.filter(problem => !problem.startsWith(`${url}/`)), [])
})

t.test('the services end cleanly', async t => {
  t.equal(await stop(), 0)
  t.equal(await iris.stop(), 0)
})
