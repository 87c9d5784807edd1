import { basename } from 'node:path'
import type { Page } from 'playwright-core'
import t from 'tap'
import { projectFile } from '../../lib/project.ts'
import { start } from '../e2e/process.ts'
import { visit } from './browser.ts'

/** Presses "Try it out" and "Execute" of an operation, with the example that it shows, and answers what came back. */
async function execute (page: Page, path: string, { type, file }: { type?: string, file?: string } = {}): Promise<{ status: string, body: string }> {
  const operation = page.locator('.opblock-post').filter({ has: page.locator(`[data-path="${path}"]`) })
  await operation.locator('.opblock-summary-control').click()
  await operation.locator('.try-out__btn').click()
  if (type) await operation.locator('select[aria-label="Request content type"]').selectOption(type)
  if (file) await operation.locator('input[type=file]').setInputFiles(file)
  await operation.locator('.execute').click()
  const live = operation.locator('.live-responses-table')
  await live.waitFor()
  return { status: await live.locator('.response-col_status').last().innerText(), body: await live.innerText() }
}

t.test('Swagger UI runs the examples of all dialects for a model of rows', async t => {
  const { url, stop } = await start(t, { MODEL_NAME: 'iris' })
  const { page, problems } = await visit(t, url)
  await page.goto(`${url}/swagger`)
  for (const [path, answer] of [
    ['/v2/models/{model}/infer', '"model_name": "iris"'],
    ['/v2/models/{model}/versions/{version}/infer', '"model_version": "1"'],
    ['/v1/models/{model}:predict', '"species": "virginica"'],
    ['/v1/models/{model}:explain', '"petal length"'],
    ['/model/predict', '"prediction": "virginica"'],
    ['/v2/repository/index', '"state": "READY"']
  ] as const) {
    const { status, body } = await execute(page, path)
    t.match(status, /^200/, path)
    t.ok(body.includes(answer), path)
  }
  t.same(problems, [], 'no console error, no request to anywhere else')
  t.equal(await stop(), 0)
})

t.test('Swagger UI sends a picture to each dialect', async t => {
  const { url, stop } = await start(t, { MODEL_NAME: 'fashion-mnist' })
  const { page, problems } = await visit(t, url)
  await page.goto(`${url}/swagger`)
  const file = projectFile('models/fashion-mnist/samples/bag.png')
  for (const [path, answer, type] of [
    ['/model/predict', '"prediction": "Bag"', 'multipart/form-data'],
    ['/api/v1/model/predict', `"image_filename": "${basename(file)}"`]
  ] as const) {
    const { status, body } = await execute(page, path, { file, ...type && { type } })
    t.match(status, /^200/, path)
    t.ok(body.includes(answer), path)
  }
  for (const [path, answer] of [['/v2/models/{model}/infer', '"datatype": "FP32"'], ['/v1/models/{model}:predict', '"label"']] as const) {
    const { status, body } = await execute(page, path)
    t.match(status, /^200/, path)
    t.ok(body.includes(answer), path)
  }
  t.same(problems, [])
  t.equal(await stop(), 0)
})

t.test('the heading of each dialect fits on a phone', async t => {
  const { url, stop } = await start(t, { MODEL_NAME: 'iris' })
  const { page } = await visit(t, url, { viewport: { width: 360, height: 800 } })
  await page.goto(`${url}/swagger`)
  const headings = page.locator('.opblock-tag')
  await headings.first().waitFor()
  t.same(await headings.evaluateAll(all => all.map(each => each.getAttribute('data-tag'))), ['predict', 'info', 'health', 'Open Inference Protocol', 'KServe V1', 'MAX', 'Kapitan'])
  for (const heading of await headings.all()) {
    const { height = Infinity } = await heading.boundingBox() ?? {}
    t.ok(height < 160, `${await heading.innerText()} is ${height} px high`)
  }
  t.equal(await stop(), 0)
})
