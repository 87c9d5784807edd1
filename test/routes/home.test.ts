import t from 'tap'
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

  t.test('weighs less than 300 KB with all it needs, as /docs does', async t => {
    for (const page of ['/', '/docs']) {
      const { body } = await app.inject(page)
      const parts = [...body.matchAll(/(?:src|href)="([^"#:]+\.(?:js|css|png|svg))"/g)].map(([, path]) => `/${path}`)
      t.ok(parts.length > 2)
      let total = Buffer.byteLength(body)
      for (const part of new Set(parts)) total += (await app.inject(part)).rawPayload.length
      t.ok(total < 300_000, `${page} weighs ${total} bytes`)
    }
  })
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
