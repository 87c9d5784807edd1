import { rmSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import type { Classifier } from '../../lib/classifier.ts'
import { loadConfig } from '../../lib/config.ts'
import { loadClassifier } from '../../lib/load.ts'
import { echoCard, echoModel, modelFolder } from '../fixtures/model.ts'
import { onnxFile } from '../fixtures/onnx.ts'

async function load (folder: string, settings: Record<string, string> = { WORKERS: '0' }): Promise<Classifier> {
  return await loadClassifier(loadConfig({ MODEL_PATH: folder, ...settings }))
}

async function answers (t: Test, model: Classifier): Promise<void> {
  const { predictions } = await model.predict([[0.1, 0.9]], { topK: 1, deadline: 60_000 })
  t.match(predictions, [{ kind: 'classes', first: { label: 'high', index: 1, probability: 0.9 } }])
}

t.test('a model is loaded in the layout that the settings name, and answers', async t => {
  const folder = modelFolder(t)
  for (const workers of [0, 1]) {
    const model = await load(folder, { WORKERS: `${workers}`, THREADS: '1', MAX_BATCH: '3', QUEUE_LIMIT: '9' })
    t.match(model, { folder, card: echoCard })
    t.match(model.status(), { queueLimit: 9, layout: { workers, threads: 1, maxBatch: 3 } })
    await answers(t, model)
    await model.close()
  }
})

t.test('where the settings name no layout, one is measured', async t => {
  const model = await load(modelFolder(t), {})
  t.ok(model.status().layout.trials.length > 0)
  await answers(t, model)
  await model.close()
})

t.test('a folder without a model or a card says what a model is', async t => {
  for (const file of ['card.json', 'model.onnx']) {
    const folder = modelFolder(t)
    rmSync(join(folder, file))
    await t.rejects(load(folder), {
      code: 'SRV_MODEL_MISSING', message: `There is no ${join(folder, file)}; a model is a folder with card.json and model.onnx. Set MODEL_URL to download one.`
    })
  }
})

t.test('a card that is wrong is not taken for a fault of the model', async t => {
  const { labels, ...rest } = echoCard
  await t.rejects(load(modelFolder(t, { card: rest })), { code: 'SRV_CARD_INVALID', message: /card\.json: .*labels/ })
})

const wrong: Array<[string, Parameters<typeof modelFolder>[1], RegExp]> = [
  ['a file that is not an ONNX file', { model: 'Git LFS pointer' }, /model\.onnx: is not an ONNX file$/],
  ['a model that is not what its card says', { card: { ...echoCard, output: { tensor: 'z', activation: 'none' } } }, /model\.onnx: has no output 'z'; its outputs are y$/],
  ['logits that the card calls probabilities', {
    // The sum of the example, 0.25 and 0.75, with itself.
    model: onnxFile([['x', 'float32', ['batch', 2]]], [['y', 'float32', ['batch', 2]]], [{ op: 'Add', from: ['x', 'x'], to: 'y' }])
  }, /model\.onnx: output 'y' does not hold probabilities: they sum to 2\.000/],
  ['a golden sample that is answered otherwise', {
    card: { ...echoCard, samples: [{ row: [0.1, 0.9], label: 'high', probability: 0.5 }] }, model: echoModel
  }, /model\.onnx: sample \[0\.1,0\.9\] has label 'high' with probability 0\.5 in the card, but the service answers 'high' with probability 0\.9$/]
]

for (const [name, files, message] of wrong) {
  t.test(`the start ends at ${name}, inline and in a worker`, async t => {
    const folder = modelFolder(t, files)
    for (const WORKERS of ['0', '1']) await t.rejects(load(folder, { WORKERS }), { code: 'SRV_MODEL_INVALID', message }, `${WORKERS} workers`)
  })
}
