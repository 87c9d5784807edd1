import { readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import t from 'tap'
import { projectFile } from '../../lib/project.ts'
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

  t.test('has the contents of the manual, and the first page leads to the second', async t => {
    const { body } = await app.inject('/docs')
    t.match(body, '<a href="docs" aria-current="page">')
    t.match(body, /<a rel="next" href="docs\/models"><span>Next<\/span>/)
    t.notMatch(body, 'rel="prev"')
    t.match(body, '<details class="contents">\n<summary>Contents</summary>', 'closed, as a phone needs it')
  })
})

t.test('GET /docs/NAME', async t => {
  const app = await build(t)

  t.test('is a page for each document that the contents name, in this order', async t => {
    const listed = [...readFileSync(projectFile('docs/README.md'), 'utf8').matchAll(/^- \[[^\]]+\]\(([^)]+)\)/gm)].map(([, file = '']) => file)
    t.ok(listed.length > 10)
    let next: string | undefined = '/docs'
    const walked: string[] = []
    while (next) {
      const { body, statusCode }: { body: string, statusCode: number } = await app.inject(next)
      t.equal(statusCode, 200, next)
      walked.push(next)
      const href: string | undefined = /<a rel="next" href="([^"]+)"/.exec(body)?.[1]
      next = href && new URL(href, `http://localhost${next}`).pathname
    }
    t.equal(walked.length, listed.length)
    t.match(walked, ['/docs', '/docs/models', '/docs/card'])
  })

  t.test('links other documents where they are shown, with the part of the page', async t => {
    const { body } = await app.inject('/docs/calling')
    t.match(body, 'href="../docs/configuration#api-keys"')
    t.match(body, 'href="../docs/clients/python"')
    const { body: deeper } = await app.inject('/docs/clients/python')
    t.match(deeper, '<a href="../../docs/calling">')
  })

  t.test('a document that is not there is a 404', async t => {
    for (const path of ['/docs/nothing', '/docs/README', '/docs/..%2f..%2fpackage', '/docs/models/nothing']) t.equal((await app.inject(path)).statusCode, 404, path)
  })

  t.test('/docs/ leads to /docs, where relative links work', async t => {
    const { statusCode, headers } = await app.inject('/docs/')
    t.equal(statusCode, 302)
    t.equal(headers.location, '../docs')
  })
})

t.test('every link of every page leads somewhere', async t => {
  const app = await build(t)
  const seen = new Map<string, string>()
  const queue = ['/', '/docs']
  const wanted: Array<{ from: string, to: string, anchor: string }> = []
  for (let from = queue.shift(); from !== undefined; from = queue.shift()) {
    if (seen.has(from)) continue
    const { body, statusCode, headers } = await app.inject(from)
    t.equal(statusCode, 200, from)
    const isPage = from === '/' || (from.startsWith('/docs') && String(headers['content-type']).startsWith('text/html'))
    seen.set(from, isPage ? body : '')
    if (!isPage) continue
    for (const [, reference = ''] of body.matchAll(/(?:src|href)="([^"]+)"/g)) {
      const url = new URL(reference.replaceAll('&#38;', '&'), `http://localhost${from}`)
      if (url.host !== 'localhost') continue
      // Swagger UI leads to another page of its own.
      if (url.pathname.startsWith('/swagger')) continue
      wanted.push({ from, to: url.pathname, anchor: url.hash.slice(1) })
      queue.push(url.pathname)
    }
  }
  t.ok(seen.size > 40, `${seen.size} pages and files`)
  for (const { from, to, anchor } of wanted.filter(({ anchor }) => anchor)) t.ok(seen.get(to)?.includes(`id="${decodeURIComponent(anchor)}"`), `${from} leads to ${to}#${anchor}`)
})

t.test('GET /docs/search.json holds the sections of every page of the manual', async t => {
  const app = await build(t)
  const response = await app.inject('/docs/search.json')
  t.match(response.headers['content-type'], 'application/json')
  const pages: Array<{ path: string, title: string, sections: Array<{ id: string, heading: string, text: string }> }> = response.json()
  const errors = pages.find(({ path }) => path === 'docs/errors')
  t.equal(errors?.title, 'Errors')
  t.match(errors?.sections.map(({ text }) => text).join(), 'SRV_QUEUE_FULL')
  t.ok(pages.some(({ path }) => path === 'docs/models/iris'), 'and of the models')
  for (const { path, sections } of pages) {
    const { body } = await app.inject(`/${path}`)
    for (const { id } of sections) t.ok(body.includes(`id="${id}"`), `${path}#${id}`)
  }
  t.ok(response.rawPayload.length < 200_000, `${response.rawPayload.length} bytes`)
})

t.test('a picture is there before its document was asked for', async t => {
  const app = await build(t)
  t.equal((await app.inject('/docs/pictures/web/screenshots/page.png')).headers['content-type'], 'image/png')
  t.equal((await app.inject('/docs/pictures/package.json')).statusCode, 404)
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
