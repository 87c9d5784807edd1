import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium } from 'playwright-core'
import t from 'tap'
import { start } from '../e2e/process.ts'
import { expected, picture } from '../fixtures/expected.ts'

const { label } = expected.pictures['rgb.png']!
const folder = mkdtempSync(join(tmpdir(), 'servery-'))
const file = join(folder, 'a.png')
writeFileSync(file, picture('rgb.png'))

t.test("Swagger UI's try-it-out sends a picture that is answered", async t => {
  const { url, stop } = await start(t)
  const context = await chromium.launchPersistentContext(join(folder, 'profile'), {
    executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync']
  })
  t.teardown(() => context.close())
  const page = await context.newPage()
  const problems: string[] = []
  page.on('console', message => { if (message.type() === 'error') problems.push(message.text()) })
  page.on('request', request => { if (!request.url().startsWith(url) && !/^(data|blob):/.test(request.url())) problems.push(request.url()) })

  for (const type of ['multipart/form-data', 'image/png', 'application/octet-stream', 'application/json']) {
    await page.goto(`${url}/swagger`)
    const operation = page.locator('.opblock-post')
    await operation.locator('.opblock-summary-control').click()
    await operation.locator('select[aria-label="Request content type"]').selectOption(type)
    await operation.locator('.try-out__btn').click()
    const picker = operation.locator('input[type=file]')
    if (type !== 'application/json') await picker.setInputFiles(file)
    await operation.locator('.execute').click()
    const live = operation.locator('.live-responses-table')
    await live.waitFor()
    t.match(await live.locator('.response-col_status').last().innerText(), /200/, type)
    if (type !== 'application/json') t.match(await live.innerText(), `"food": "${label}"`, type)
  }
  t.same(problems, [], 'no console error, no request to anywhere else')
  t.equal(await stop(), 0)
})
