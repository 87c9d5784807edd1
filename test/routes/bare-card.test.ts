import { copyFileSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Validator } from '@seriousme/openapi-schema-validator'
import t, { type Test } from 'tap'
import { projectFile } from '../../lib/project.ts'
import { expected, picture } from '../fixtures/expected.ts'
import { build } from '../helper.ts'

/** What a card says about the model without any need. */
const OPTIONAL = ['$schema', 'name', 'version', 'labelKey', 'about', 'samples', 'tolerance']

/** A service for a model of the project whose folder holds nothing but the model and the least of a card. */
async function serve (t: Test, model: string) {
  const folder = projectFile(`models/${model}`)
  const card = Object.entries(JSON.parse(readFileSync(join(folder, 'card.json'), 'utf8'))).filter(([key]) => !OPTIONAL.includes(key))
  t.same(card.map(([key]) => key).sort(), ['input', 'labels'])
  const root = t.testdir({ 'my-model': { 'card.json': JSON.stringify(Object.fromEntries(card)) } })
  copyFileSync(join(folder, 'model.onnx'), join(root, 'my-model/model.onnx'))
  return await build(t, { MODEL_PATH: join(root, 'my-model') })
}

for (const [model, size, classes] of [['iris', '4', 3], ['tensorfood', '64x64x3', 25]] as const) {
  t.test(`${model} with a card that tells only what its files do not`, async t => {
    const app = await serve(t, model)

    t.test('answers under the name of its folder, with the key label', async t => {
      const body = model === 'iris'
        ? { payload: [5.9, 3, 5.1, 1.8] }
        : { payload: picture('rgb.png'), headers: { 'content-type': 'image/png' } }
      const response = await app.inject({ method: 'POST', url: '/predict', ...body })
      const label = model === 'iris' ? 'virginica' : expected.pictures['rgb.png']!.label
      t.match(response.json(), { label, model: 'my-model', version: '1' })
      t.match((await app.inject({ method: 'POST', url: '/explain', ...body })).json(), { label, model: 'my-model' })
    })

    t.test('GET /info says what is known, and invents nothing', async t => {
      const info = (await app.inject('/info')).json()
      t.match(info, { model: 'my-model', version: '1', 'input-size': size, 'num-classes': classes, 'label-key': 'label' })
      t.same(Object.keys(info).sort(), ['assumptions', 'formats', 'input', 'input-size', 'label-key', 'labels', 'model', 'num-classes', 'output', 'service', 'sources', 'version'])
    })

    t.test('GET / shows its name and its labels, and no heading without anything below it', async t => {
      const { statusCode, body } = await app.inject('/')
      t.equal(statusCode, 200)
      t.match(body, '<h1>my-model</h1>')
      t.match(body, `<li><strong>${classes}</strong> labels</li>`)
      t.notMatch(body, /undefined|null|NaN|\[object|<dl>|<dt>|Limitations|accuracy|training examples|samples|Confusion/)
      t.notMatch(body, /<(p|h\d|ul|div|dd|figure)[^>]*>\s*<\/\1>(?![\s\S]*<\/template>)/, 'nothing is empty')
    })

    t.test('no link leads nowhere, on the page or in the documents', async t => {
      for (const page of ['/', '/docs']) {
        const { statusCode, body } = await app.inject(page)
        t.equal(statusCode, 200)
        const references = new Set([...body.matchAll(/(?:src|href)="([^"#:]+)"/g)].map(([, path]) => path!))
        t.ok(references.size > 3)
        for (const path of references) {
          t.equal((await app.inject(new URL(path, `http://localhost${page}`).pathname)).statusCode, 200, `${path} on ${page}`)
        }
      }
    })

    t.test('GET /openapi.json is valid, and calls the model by its name', async t => {
      const document = (await app.inject('/openapi.json')).json()
      t.match(await new Validator().validate(document), { valid: true })
      t.equal(document.info.title, 'my-model')
      t.equal(document.info.license, undefined)
      const [one] = document.paths['/predict'].post.responses['200'].content['application/json'].schema.anyOf
      t.same(Object.keys(one.properties).sort(), ['index', 'label', 'model', 'probability', 'top', 'version'])
    })
  })
}
