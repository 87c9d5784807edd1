import { once } from 'node:events'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { createServer, request as httpRequest } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { start } from '../e2e/process.ts'
import { expected, picture } from '../fixtures/expected.ts'
import { visit } from './browser.ts'

const { label } = expected.pictures['rgb.png']!
const folder = mkdtempSync(join(tmpdir(), 'servery-'))
const file = join(folder, 'a.png')
writeFileSync(file, picture('rgb.png'))

t.test("Swagger UI's try-it-out sends a picture that is answered", async t => {
  const { url, stop } = await start(t)
  const { page, problems } = await visit(t, url)

  for (const type of ['multipart/form-data', 'image/png', 'application/octet-stream', 'application/json']) {
    await page.goto(`${url}/swagger`)
    const operation = page.locator('.opblock-post').filter({ has: page.locator('[data-path="/predict"]') })
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

t.test('Swagger UI and the page work behind a path prefix', async t => {
  const { url, stop } = await start(t)
  const target = new URL(url)
  const proxy = createServer((request, response) => {
    const { method, url: path = '' } = request
    if (!path.startsWith('/models/food')) return response.writeHead(404).end('outside of the prefix')
    const headers = { ...request.headers, 'x-forwarded-prefix': '/models/food' }
    const forwarded = httpRequest({ host: target.hostname, port: target.port, method, path: path.slice('/models/food'.length) || '/', headers }, answer => {
      response.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.pipe(response)
    })
    request.pipe(forwarded)
  }).listen(0, '127.0.0.1')
  await once(proxy, 'listening')
  t.teardown(() => proxy.close())
  const address = proxy.address()
  const base = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}/models/food`

  const { page, problems } = await visit(t, `${base}/`)
  await page.setInputFiles('#file', file)
  await page.locator('.result:not([aria-busy])').waitFor()
  t.equal(await page.locator('.result .label').innerText(), label.replaceAll('_', ' '))

  await page.goto(`${base}/swagger/`)
  const operation = page.locator('.opblock-post').filter({ has: page.locator('[data-path="/predict"]') })
  await operation.locator('.opblock-summary-control').click()
  await operation.locator('.try-out__btn').click()
  await operation.locator('input[type=file]').setInputFiles(file)
  await operation.locator('.execute').click()
  const live = operation.locator('.live-responses-table')
  await live.waitFor()
  t.match(await live.innerText(), `"food": "${label}"`)
  for (const path of ['docs', 'docs/models/iris']) {
    await page.goto(`${base}/${path}`)
    t.ok(await page.locator('.document h1').isVisible(), path)
    t.ok(await page.evaluate(() => [...document.images].every(image => image.loading === 'lazy' || image.naturalWidth > 0)))
  }
  t.same(problems, [])
  t.equal(await stop(), 0)
})
