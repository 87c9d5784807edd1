import { cpSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { projectFile } from '../../lib/project.ts'
import { start } from '../e2e/process.ts'
import { form } from '../helper.ts'

/** The folder of the embedded model, with the licence of MAX's own model: its tests ask for it. */
function licensed (t: Test): string {
  const folder = t.testdir()
  cpSync(projectFile('models/fashion-mnist'), folder, { recursive: true })
  const card = JSON.parse(readFileSync(join(folder, 'card.json'), 'utf8'))
  card.about.licence = 'Apache 2.0'
  writeFileSync(join(folder, 'card.json'), JSON.stringify(card))
  return folder
}

/** MAX-Fashion-MNIST's contract: what its tests/test.py asserts, in its order, and the variable that its Kubernetes template sets. */
t.test('the tests of MAX-Fashion-MNIST pass', async t => {
  const { url, stop } = await start(t, { MODEL_PATH: licensed(t), CORS_ENABLE: 'true' })

  await t.test('test_swagger', async t => {
    const r = await fetch(`${url}/swagger.json`)
    t.equal(r.status, 200)
    t.equal(r.headers.get('content-type'), 'application/json')
    const json = await r.json()
    t.ok('swagger' in json)
    t.equal(json.info.title, 'MAX FASHION MNIST - Fashion and Clothing items Classification')
  })

  await t.test('test_metadata', async t => {
    const r = await fetch(`${url}/model/metadata`)
    t.equal(r.status, 200)
    const metadata = await r.json()
    t.equal(metadata.id, 'Image Classification')
    t.equal(metadata.name, 'MAX-Fashion-MNIST')
    t.equal(metadata.description, 'Classify clothing and fashion items')
    t.equal(metadata.license, 'Apache 2.0')
  })

  await t.test('test_response', async t => {
    const bytes = Buffer.from(readFileSync(projectFile('models/fashion-mnist/samples/shirt.png')))
    const r = await fetch(`${url}/model/predict`, { method: 'POST', body: form({ field: 'file', name: 'samples/1.jpeg', bytes }), headers: { origin: 'http://pages.example' } })
    t.equal(r.status, 200)
    t.equal(r.headers.get('access-control-allow-origin'), '*')
    const response = await r.json()
    t.equal(response.status, 'ok')
    t.equal(response.predictions[0].prediction, 'T-shirt/top')
  })

  t.equal(await stop(), 0)
})
