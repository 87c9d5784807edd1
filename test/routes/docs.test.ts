import t from 'tap'
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
