import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { start } from '../e2e/process.ts'
import { form } from '../helper.ts'

/** The ten samples of MAX-Fashion-MNIST, which are not in this repository, and what is on them. */
const folder = process.env['MAX_SAMPLES'] ?? '../shared/data/max-fashion-mnist'
const TRUTH = ['T-shirt/top', 'Trouser', 'Pullover', 'Pullover', 'Dress', 'Dress', 'Bag', 'Shirt', 'Sandal', 'T-shirt/top']

t.test("MAX's ten sample pictures come out right", async t => {
  if (!existsSync(folder)) throw new Error(`there is no ${folder}; set MAX_SAMPLES`)
  const { url, stop } = await start(t, { MODEL_NAME: 'fashion-mnist' })
  for (const [at, label] of TRUTH.entries()) {
    const bytes = Buffer.from(readFileSync(join(folder, `${at + 1}.jpeg`)))
    const response = await fetch(`${url}/predict`, { method: 'POST', body: form({ name: `${at + 1}.jpeg`, bytes }) })
    const { clothing } = await response.json()
    t.equal(clothing, label, `${at + 1}.jpeg`)
    const asMax = await fetch(`${url}/model/predict`, { method: 'POST', body: form({ field: 'file', name: `samples/${at + 1}.jpeg`, bytes }) })
    t.match(await asMax.json(), { status: 'ok', predictions: [{ prediction: label }] })
  }
  t.equal(await stop(), 0)
})
