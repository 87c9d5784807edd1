import { closeSync, openSync, renameSync, rmSync, writeSync } from 'node:fs'
import { basename, join } from 'node:path'
import onnxProto from 'onnx-proto'
import t, { type Test } from 'tap'
import type { Classifier } from '../../lib/classifier.ts'
import { loadConfig } from '../../lib/config.ts'
import { loadClassifier, openClassifier } from '../../lib/load.ts'
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

t.test('the execution providers of the settings are tried before the model is looked for, and told', async t => {
  const folder = modelFolder(t)
  const model = await load(folder)
  t.same(model.status().layout.providers, ['cpu'])
  await model.close()
  rmSync(folder, { recursive: true })
  await t.rejects(load(folder, { EXECUTION_PROVIDERS: 'abacus' }), { code: 'SRV_CONFIG_INVALID' })
})

t.test('where the settings name no layout, one is measured', async t => {
  const model = await load(modelFolder(t), {})
  t.ok(model.status().layout.trials.length > 0)
  await answers(t, model)
  await model.close()
})

t.test('a model of over 2 GiB is loaded once, from its path, and reads weights beyond the 2 GiB', async t => {
  const { onnx: { ModelProto } } = onnxProto
  const rows = 2 ** 28 + 1
  const model = ModelProto.decode(onnxFile([['x', 'int64', ['batch', 2]]], [['y', 'float32', ['batch', 2]]], [
    { op: 'Gather', from: ['W', 'x'], to: 'rows' }, { op: 'ReduceMean', from: ['rows'], to: 'y', attributes: { keepdims: 0 } }
  ]))
  model.graph!.node![1]!.attribute!.push({ name: 'axes', ints: [1], type: 7 })
  model.graph!.initializer = [{ name: 'W', dataType: 1, dims: [rows, 2], dataLocation: 1, externalData: [{ key: 'location', value: 'model.onnx.data' }] }]
  const features = [{ name: 'first' }, { name: 'second' }]
  const folder = modelFolder(t, { model: ModelProto.encode(model).finish(), card: { ...echoCard, input: { kind: 'table', tensor: 'x', type: 'int64', features }, output: { ...echoCard.output, activation: 'softmax' } } })
  // All rows but the last are a hole, which takes no space on the disk.
  const data = openSync(join(folder, 'model.onnx.data'), 'w')
  writeSync(data, new Float32Array([0, Math.log(3)]), 0, 8, (rows - 1) * 8)
  closeSync(data)
  const loaded = await load(folder, { MAX_BATCH: '4' })
  t.teardown(() => loaded.close())
  const { predictions } = await loaded.predict([[rows - 1, rows - 1]], { topK: 1, deadline: 60_000 })
  t.match(predictions, [{ kind: 'classes', first: { label: 'high', index: 1, probability: 0.75 } }])
  t.match(loaded.status().layout, { workers: 1, trials: [{ workers: 1 }] })
})

t.test('a folder without a model says what to do', async t => {
  const folder = modelFolder(t)
  rmSync(join(folder, 'model.onnx'))
  await t.rejects(load(folder), { code: 'SRV_MODEL_MISSING', message: /^There is no ONNX file in .*; export the model as model\.onnx into it/ })
})

t.test('a card that is wrong is not taken for a fault of the model', async t => {
  const { labels, ...rest } = echoCard
  await t.rejects(load(modelFolder(t, { card: { ...rest, lables: labels } })), { code: 'SRV_CARD_INVALID', message: /card\.json: .*lables/ })
})

t.test('without a card, a run of examples settles what the scores are; what was assumed is told', async t => {
  const scores = (op: string) => onnxFile([['x', 'float32', ['batch', 2]]], [['y', 'float32', ['batch', 2]]], [{ op: 'Neg', from: ['x'], to: 'n' }, { op, from: ['n'], to: 'y' }])
  for (const [op, activation, probability] of [
    // Softmax of -1 and -2 by hand: 1 / (1 + e^-1).
    ['Softmax', 'none', 0.7310586], ['Identity', 'softmax', 0.7310586]
  ] as const) {
    const folder = modelFolder(t, { model: scores(op) })
    rmSync(join(folder, 'card.json'))
    const model = await load(folder)
    t.match(model.card, { name: basename(folder), input: { kind: 'table', tensor: 'x' }, output: { kind: 'classes', tensor: 'y', activation }, labels: ['0', '1'] }, op)
    t.ok(model.assumptions.some(({ field }) => field === '/labels'))
    t.equal(model.assumptions.some(({ field }) => field === '/output/activation'), op === 'Identity')
    t.ok(model.sources.length > 0)
    const { predictions: [prediction] } = await model.predict([[1, 2]], { topK: 1, deadline: 60_000 })
    t.match(prediction, { first: { label: '0', probability } })
    await model.close()
  }
})

t.test('a model that quantises by the range of its inputs answers each input alone', async t => {
  const { onnx: { ModelProto } } = onnxProto
  const dynamic = ModelProto.decode(onnxFile([['x', 'float32', ['batch', 2]]], [['y', 'float32', ['batch', 2]]], [
    { op: 'DynamicQuantizeLinear', from: ['x'], to: 'q' }, { op: 'Softmax', from: ['x'], to: 'y' }
  ]))
  dynamic.graph!.node![0]!.output = ['q', 'scale', 'zero']
  const model = await load(modelFolder(t, { model: ModelProto.encode(dynamic).finish() }), { WORKERS: '0', MAX_BATCH: '8' })
  t.equal(model.status().layout.maxBatch, 1)
  await model.close()
})

t.test('a model is a file of any name, too, and all faults are told where they are asked for', async t => {
  const folder = modelFolder(t, { card: { ...echoCard, name: undefined, samples: [{ row: [0.1, 0.9], label: 'high', probability: 0.5 }, { row: [0.1, 0.9], label: 'wide' }] } })
  renameSync(join(folder, 'model.onnx'), join(folder, 'shapes.onnx'))
  const { classifier, resolved, faults } = await openClassifier(loadConfig({ MODEL_PATH: join(folder, 'shapes.onnx'), WORKERS: '0' }))
  t.equal(resolved.card.name, 'shapes')
  t.match(await faults(), [/shapes\.onnx: sample .* with probability 0\.5/, /shapes\.onnx: sample .*'wide'/])
  await classifier.close()
})

const wrong: Array<[string, Parameters<typeof modelFolder>[1], RegExp]> = [
  ['a file that is not an ONNX file', { model: 'Git LFS pointer' }, /model\.onnx: is a pointer of Git LFS|model\.onnx: is a text file/],
  ['a model that is not what its card says', { card: { ...echoCard, output: { kind: 'classes', tensor: 'z', activation: 'none' } } }, /card\.json: has no output 'z'; its outputs are y$/],
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
    for (const WORKERS of ['0', '1']) await t.rejects(load(folder, { WORKERS }), { code: /SRV_(?:MODEL|CARD)_INVALID/, message }, `${WORKERS} workers`)
  })
}
