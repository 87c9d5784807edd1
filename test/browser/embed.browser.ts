import { once } from 'node:events'
import { createServer } from 'node:http'
import t from 'tap'
import { start } from '../e2e/process.ts'
import { expected, picture } from '../fixtures/expected.ts'
import { visit } from './browser.ts'

const { label } = expected.pictures['rgb.png']!

t.test('a page of a named origin shows the service in a frame, and no other page does', async t => {
  let target = ''
  const host = createServer((request, response) => {
    const path = new URL(request.url ?? '/', 'http://localhost').searchParams.get('frame') ?? ''
    response.setHeader('content-type', 'text/html').end(`<!doctype html><title>Shop</title><script>addEventListener('message', ({ data }) => { if (data.servery) document.querySelector('iframe').height = data.servery.height })</script><iframe src="${target}${path}" width="600" height="10"></iframe>`)
  }).listen(0, '127.0.0.1')
  await once(host, 'listening')
  t.teardown(() => host.close())
  const address = host.address()
  const port = typeof address === 'object' ? address?.port : ''
  const named = `http://127.0.0.1:${port}`
  const { url, stop } = await start(t, { EMBED_ORIGINS: `https://shop.example,${named}`, WORKERS: '1', THREADS: '1', MAX_BATCH: '1' })
  target = url

  const { page } = await visit(t, `${named}/?frame=${encodeURIComponent('/?embed')}`)
  const frame = page.frameLocator('iframe')
  await frame.locator('#file[multiple]').waitFor({ state: 'attached' })
  await frame.locator('#file').setInputFiles({ name: 'a.png', mimeType: 'image/png', buffer: picture('rgb.png') })
  await frame.locator('.result:not([aria-busy]) .label', { hasText: label.replaceAll('_', ' ') }).waitFor()
  t.equal(await frame.locator('nav').count(), 0, 'without the navigation of the service')
  await page.waitForFunction(() => Number(document.querySelector('iframe')?.height) > 300)
  t.equal(await frame.locator('html').evaluate(root => root.scrollHeight - root.clientHeight), 0, 'the frame can be as tall as the page in it')
  const [opened] = await Promise.all([page.context().waitForEvent('page'), frame.getByRole('link', { name: 'About this model' }).click()])
  await opened.waitForURL(`${url}/`)

  for (const [what, place] of [['another page of the service', `${named}/?frame=/`], ['a page of another origin', `http://localhost:${port}/?frame=${encodeURIComponent('/?embed')}`]] as const) {
    const { page } = await visit(t, place)
    const [, inner] = page.frames()
    t.notOk(inner?.url().startsWith(url), `refuses ${what}`)
  }
  t.equal(await stop(), 0)
})
