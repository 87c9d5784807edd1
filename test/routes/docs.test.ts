import { symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import t from 'tap'
import { modelFolder } from '../fixtures/model.ts'
import { build } from '../helper.ts'

t.test('GET /docs', async t => {
  const app = await build(t)

  t.test('is the README, rendered', async t => {
    const response = await app.inject('/docs')
    t.equal(response.headers['content-type'], 'text/html; charset=utf-8')
    t.match(response.body, '<h1 id="servery">Servery</h1>')
    t.match(response.body, '<table tabindex="0">')
  })

  t.test('finds every file it and the page refer to here', async t => {
    for (const page of ['/', '/docs']) {
      const { body } = await app.inject(page)
      const references = [...body.matchAll(/(?:src|href)="([^"#:]+)"/g)].map(([, path]) => path!)
      const base = new URL(/<base href="([^"]+)"/.exec(body)?.[1] ?? page, `http://localhost${page}`)
      t.ok(references.length > 3)
      for (const path of new Set(references)) {
        t.equal((await app.inject(new URL(path, base).pathname)).statusCode, 200, path)
      }
    }
  })

  t.test('every link within the README has its heading', async t => {
    const { body } = await app.inject('/docs')
    const links = [...body.matchAll(/href="#([^"]+)"/g)]
    t.ok(links.length > 10, `${links.length} links`)
    for (const [, id] of links) t.match(body, `id="${id}"`)
  })
})

t.test('a README that cannot be rendered leaves the other documents alone', async t => {
  const folder = modelFolder(t)
  // Quotes inside one another, deeper than the stack.
  writeFileSync(join(folder, 'README.md'), '>'.repeat(20_000))
  const app = await build(t, { MODEL_PATH: folder })
  t.equal((await app.inject('/docs/models/echo')).statusCode, 404)
  t.equal((await app.inject('/docs')).statusCode, 200)
})

t.test("the README of a stranger's model shows no file of this machine", async t => {
  const folder = modelFolder(t)
  const secret = join(dirname(folder), 'docs-secret.png')
  writeFileSync(secret, 'secret')
  writeFileSync(join(folder, 'shape.png'), 'picture')
  symlinkSync(secret, join(folder, 'link.png'))
  writeFileSync(join(folder, 'README.md'), '# Mine\n\n![a](../docs-secret.png) ![b](link.png) ![c](shape.png)\n')
  const app = await build(t, { MODEL_PATH: folder })
  const { body } = await app.inject('/docs/models/echo')
  t.match(body, '<h1 id="mine">Mine</h1>')
  const pictures = [...body.matchAll(/<img src="\.\.\/\.\.\/(docs\/pictures\/[^"]+)"/g)].map(([, path]) => path!)
  const answers = await Promise.all(pictures.map(async path => await app.inject(`/${path}`)))
  t.same(answers.map(({ statusCode }) => statusCode), [404, 404, 200])
  t.equal(answers[2]?.body, 'picture')
})
