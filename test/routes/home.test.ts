import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { FastifyInstance } from 'fastify'
import t from 'tap'
import { modelFolder } from '../fixtures/model.ts'
import { build } from '../helper.ts'

t.test('GET / for a model of pictures', async t => {
  const app = await build(t)
  const { body, headers } = await app.inject('/')

  t.test('is drawn from the card', async t => {
    t.equal(headers['content-type'], 'text/html; charset=utf-8')
    const { labels, about: { title, description, dataset, performance, limits = [] } = {} } = app.model.card
    for (const text of [`<h1>${title}</h1>`, description, `${(performance!.top1 * 100).toFixed(1)} %`, dataset!.name, ...limits]) t.match(body, text)
    for (const label of labels) t.match(body, `<li>${label.replaceAll('_', ' ')}</li>`)
  })

  t.test('has a form that works without JavaScript', async t => {
    t.match(body, /<form [^>]*action="predict" method="post" enctype="multipart\/form-data"/)
    t.match(body, /<input id="file" name="file" type="file"/)
  })

  t.test('takes nothing from elsewhere, and forbids it', async t => {
    t.notMatch(body, /(src|href)="(https?:)?\/\/[^"]*\.(js|css|png|svg|woff2?)"/)
    t.notMatch(body, / style=| on[a-z]+="/, 'nothing inline that the policy would block')
    const policy = String(headers['content-security-policy'])
    t.match(policy, "default-src 'none'")
    t.match(policy, "script-src 'self'")
    t.notMatch(policy, 'unsafe')
  })

  t.test('has only relative links, to work behind any path prefix', async t => {
    t.notMatch(body, /(src|href|action)="\//)
  })

  t.test("serves the model's pictures, and no other file of its folder", async t => {
    t.equal((await app.inject('/assets/model/confusion.png')).headers['content-type'], 'image/png')
    t.equal((await app.inject('/assets/model/model.onnx')).statusCode, 404)
    t.equal((await app.inject('/assets/model/..%2f..%2fpackage.json')).statusCode, 404)
  })

  t.test('may be shown in a frame by its own pages alone', async t => {
    for (const path of ['/', '/?embed']) {
      const { headers } = await app.inject(path)
      t.match(headers['content-security-policy'], /frame-ancestors 'self'$/)
      t.equal(headers['x-frame-options'], 'SAMEORIGIN')
    }
  })

  t.test('may fetch a picture from an address over https, and nothing else from elsewhere', async t => {
    t.match(headers['content-security-policy'], "connect-src 'self' https:;")
  })
})

/** The bytes that a browser gets, which accepts compressed answers. */
async function sentBytes (app: FastifyInstance, url: string): Promise<number> {
  return (await app.inject({ url, headers: { 'accept-encoding': 'gzip, deflate, br, zstd' } })).rawPayload.length
}

/** What a page loads with these bytes: the files that its HTML names, and the modules that these import. */
async function partsOf (app: FastifyInstance, page: string): Promise<Map<string, number>> {
  const { body } = await app.inject(page)
  const parts = new Map([[page, await sentBytes(app, page)]])
  const add = async (path: string): Promise<void> => {
    if (parts.has(path)) return
    const { statusCode, rawPayload } = await app.inject(path)
    if (statusCode !== 200) throw new Error(`${path} on ${page} is answered with ${statusCode}`)
    parts.set(path, await sentBytes(app, path))
    if (!path.endsWith('.js')) return
    for (const [, name] of rawPayload.toString().matchAll(/(?:from|import\() ?'(\.\/[\w.-]+\.js)'/g)) await add(new URL(name ?? '', `http://localhost${path}`).pathname)
  }
  for (const [, path] of body.matchAll(/(?:src|href)="([^"#:]+\.(?:js|css|png|svg|jpe?g|webp))"/g)) await add(`/${path}`)
  // The page's script imports the module of the form by the name of its kind.
  const kind = /data-kind="(\w+)"/.exec(body)?.[1]
  if (kind) await add(`/assets/${kind}.js`)
  return parts
}

const weightOf = (parts: Map<string, number>) => [...parts.values()].reduce((sum, bytes) => sum + bytes, 0)

for (const model of ['tensorfood', 'iris', 'fashion-mnist', 'food101']) {
  t.test(`the page of ${model} weighs less than 100 KB with all it loads, and in a frame, too`, async t => {
    const app = await build(t, { MODEL_NAME: model, WORKERS: '1', THREADS: '1', MAX_BATCH: '1' })
    for (const page of ['/', '/?embed']) {
      const parts = await partsOf(app, page)
      t.ok(parts.has('/assets/format.js'), 'modules that modules import count')
      t.ok(weightOf(parts) < 100_000, `${page} weighs ${weightOf(parts)} bytes: ${JSON.stringify(Object.fromEntries(parts))}`)
    }
    t.equal((await app.inject('/confusion')).statusCode, 200)
  })
}

t.test('/docs weighs less than 300 KB with all it loads', async t => {
  const app = await build(t)
  t.ok(weightOf(await partsOf(app, '/docs')) < 300_000)
})

t.test('EMBED_ORIGINS lets the pages of these origins show the page in a frame, and no other page of the service', async t => {
  const app = await build(t, { MODEL_NAME: 'iris', EMBED_ORIGINS: 'https://shop.example,http://localhost:3000' })
  const { headers, body } = await app.inject('/?embed')
  t.match(headers['content-security-policy'], /frame-ancestors 'self' https:\/\/shop\.example http:\/\/localhost:3000$/)
  t.equal(headers['x-frame-options'], undefined)
  t.match(body, '<script src="assets/embed.js" type="module">')
  for (const path of ['/', '/docs', '/info', '/confusion']) {
    const { headers } = await app.inject({ url: path, headers: { accept: 'text/html' } })
    t.match(headers['content-security-policy'], /frame-ancestors 'self'$/, path)
    t.equal(headers['x-frame-options'], 'SAMEORIGIN', path)
  }
})

t.test('the page of rows may fetch nothing from elsewhere', async t => {
  const app = await build(t, { MODEL_NAME: 'iris' })
  t.match((await app.inject('/')).headers['content-security-policy'], "connect-src 'self';")
})

t.test('a confusion matrix that cannot be used is logged and left out, and the service starts', async t => {
  for (const text of ['{"counts": [[1]]}', 'no JSON', `{"counts": "${'x'.repeat(1024 * 1024)}"}`]) {
    const folder = modelFolder(t)
    writeFileSync(join(folder, 'confusion.json'), text)
    const app = await build(t, { MODEL_PATH: folder })
    t.notMatch((await app.inject('/')).body, 'What it confuses')
    t.equal((await app.inject('/confusion')).statusCode, 404)
  }
  const folder = modelFolder(t)
  writeFileSync(join(folder, 'confusion.json'), '{"counts": [[1, 2], [3, 4]]}')
  t.match((await (await build(t, { MODEL_PATH: folder })).inject('/')).body, 'What it confuses')
})

t.test('the page links to the README of the model only if it is one that is shown', async t => {
  for (const [text, isShown] of [['# Echo', true], ['x'.repeat(512 * 1024 + 1), false]] as const) {
    const folder = modelFolder(t)
    writeFileSync(join(folder, 'README.md'), text)
    const app = await build(t, { MODEL_PATH: folder })
    const { body } = await app.inject('/')
    t.equal(body.includes('More about this model'), isShown)
    t.equal((await app.inject('/docs/models/echo')).statusCode, isShown ? 200 : 404)
  }
})

t.test('GET / for a model of rows has a field with unit and range for each feature', async t => {
  const app = await build(t, { MODEL_NAME: 'iris' })
  const { body } = await app.inject('/')
  for (const [name, min, max] of [['sepal length', 4.3, 7.9], ['petal width', 0.1, 2.5]]) {
    t.match(body, `name="${name}" type="number"`)
    t.match(body, `${min} to ${max} in training`)
  }
  t.match(body, 'in cm')
})
