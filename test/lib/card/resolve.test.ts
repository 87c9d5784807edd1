import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { resolveModel, SOURCES } from '../../../lib/card/resolve.ts'
import { projectFile } from '../../../lib/project.ts'
import { exportedFolder, network, supportVectors, zipped, type Exported } from '../../fixtures/exported.ts'

t.test('a model without a card has a whole one', async t => {
  const folder = exportedFolder(t, zipped)
  const { card, sources, assumptions, probe, inside } = await resolveModel(folder)
  t.match(card, {
    version: '1',
    labelKey: 'label',
    input: { kind: 'table', tensor: 'X', type: 'float32', features: [{ name: 'x0' }, { name: 'x1' }] },
    output: { kind: 'classes', tensor: 'output_probability', activation: 'none', label: 'output_label', classes: [3, 10, 17] },
    labels: ['3', '10', '17']
  })
  t.match(folder, card.name)
  t.same(assumptions.map(({ field }) => field), ['/input/features'])
  t.match(sources, [/outputs of the graph/, /classes in the graph/, /input 'X'/])
  t.same([probe, inside], [false, []])
})

t.test('a file is resolved as its folder', async t => {
  const folder = exportedFolder(t, network)
  t.same((await resolveModel(join(folder, 'model.onnx'))).card.output, (await resolveModel(folder)).card.output)
})

t.test('what the cards of the embedded models say is kept, and nothing is assumed of the rest', async t => {
  for (const model of ['fashion-mnist', 'food101', 'iris', 'tensorfood']) {
    const { $schema, ...own } = JSON.parse(readFileSync(projectFile(`models/${model}/card.json`), 'utf8'))
    const { card, assumptions } = await resolveModel(projectFile(`models/${model}`))
    t.equal($schema, '../card.schema.json')
    t.match(card, own, model)
    t.same(assumptions, [])
  }
})

t.test('each assumption names the line that settles it: with it in card.json, it is none, and the card is the same', async t => {
  const grown: Exported = { ...network, inputs: [['a', 'float32', ['', 2]], ['b', 'float32', ['', 1]]], nodes: [['Concat', ['a', 'b'], ['input'], { axis: 1 }], ...network.nodes ?? []], constants: { weight: { shape: [3, 3] }, bias: { shape: [3] } } }
  const number: Exported = { ...network, outputs: [['output', 'float32', ['batch', 1]]], constants: { weight: { shape: [2, 1] }, bias: { shape: [1] } } }
  const trees: Exported = {
    producer: 'skl2onnx',
    outputs: [['y', 'float32', ['', 1]]],
    nodes: [['ml.TreeEnsembleRegressor', ['X'], ['y'], { nodes_modes: ['BRANCH_LEQ', 'BRANCH_LEQ'], nodes_featureids: { ints: [1, 1] }, nodes_values: [10, 20] }]]
  }
  for (const model of [network, zipped, grown, number, trees]) {
    const folder = exportedFolder(t, model)
    const first = await resolveModel(folder)
    t.ok(first.assumptions.length > 0)
    for (const { field, assumed, because, card } of first.assumptions) {
      t.ok(assumed && because)
      writeFileSync(join(folder, 'card.json'), card)
      const second = await resolveModel(folder)
      t.notOk(second.assumptions.some(other => other.field === field), `${field} ${card}`)
      t.same(second.card, first.card)
      t.equal(second.sources[0], 'card.json')
    }
  }
})

t.test('an ambiguous model starts with the line of the error in card.json', async t => {
  const heads: Exported = { outputs: [['a', 'float32', ['', 3]], ['b', 'float32', ['', 3]]], nodes: [['Gemm', ['X', 'w'], ['a']], ['Gemm', ['X', 'w'], ['b']]], constants: { w: { shape: [2, 3] } } }
  const logit: Exported = { ...network, outputs: [['output', 'float32', ['batch', 1]]] }
  for (const folder of [exportedFolder(t, heads), exportedFolder(t, logit, { 'labels.txt': 'no\nyes' })]) {
    const error = await resolveModel(folder).then(() => null, (error: unknown) => error)
    t.match(error, { code: 'SRV_CARD_AMBIGUOUS' })
    writeFileSync(join(folder, 'card.json'), error instanceof Error ? error.message.split('add to card.json: ')[1] ?? '' : '')
    t.ok((await resolveModel(folder)).card)
  }
})

t.test('a card may change the kind of the answer, of the input, and the labels', async t => {
  const resolve = async (card: object, model = network) => (await resolveModel(exportedFolder(t, model, { 'card.json': card }))).card
  t.match(await resolve({ output: { kind: 'tensors' } }), { input: { kind: 'tensors' }, output: { kind: 'tensors' }, labels: [] })
  t.match(await resolve({ input: { kind: 'tensors' } }), { input: { kind: 'tensors' }, output: { kind: 'tensors' }, labels: [] })
  t.match(await resolve({ input: { kind: 'tensors' }, output: { kind: 'classes' } }), { input: { kind: 'tensors' }, output: { kind: 'classes', tensor: 'output' }, labels: ['0', '1', '2'] })
  t.match(await resolve({ input: { kind: 'table' }, output: { kind: 'tensors' } }), { input: { kind: 'table', features: [{ name: 'x0' }, { name: 'x1' }] } })
  t.match(await resolve({ labels: ['ant', 'bee', 'cat'] }), { labels: ['ant', 'bee', 'cat'], output: { kind: 'classes' } })
  t.match(await resolve({ labels: ['hoch', 'tief', 'mittel'] }, supportVectors), { labels: ['hoch', 'tief', 'mittel'], output: { classes: ['high', 'low', 'mid'] } }, 'renamed labels keep the values of the label output')
  t.match(await resolve({ input: { features: [{ name: 'width', unit: 'cm' }, { name: 'height' }] } }), { input: { kind: 'table', tensor: 'input', type: 'float32', features: [{ name: 'width', unit: 'cm' }, { name: 'height' }] } })
  t.match(await resolve({ labelKey: 'price', output: { kind: 'value' } }, { ...network, outputs: [['output', 'float32', ['batch', 1]]] }), { labelKey: 'price' })
})

t.test('a card that does not fit the model is refused with all that does not fit', async t => {
  const wrong: Array<[object, RegExp]> = [
    [{ labels: ['a', 'b'] }, /card\.json: output 'output' has 3 classes, the card 2 labels/],
    [{ output: { tensor: 'scores' } }, /card\.json: has no output 'scores'; its outputs are output/],
    [{ input: { features: [{ name: 'a' }] } }, /input 'input' is \[batch,2\], the card says \[batch,1\]/],
    [{ input: { type: 'int64' }, labels: ['a'] }, /input 'input' is float32, the card says int64; output 'output' has 3 classes/],
    [{ input: { kind: 'image', tensor: 'input' } }, /\/input\/width is missing/]
  ]
  for (const [card, message] of wrong) await t.rejects(resolveModel(exportedFolder(t, network, { 'card.json': card })), { code: 'SRV_CARD_INVALID', message }, JSON.stringify(card))
})

t.test('words in order, and pictures beside boxes, are plain tensors', async t => {
  const text: Exported = { inputs: [['input_ids', 'int64', ['batch', 'sequence']]], outputs: [['logits', 'float32', ['batch', 2]]], nodes: [['Gemm', ['input_ids', 'w'], ['logits']]], constants: { w: { shape: [9, 2] } } }
  const boxes: Exported = { inputs: [['images', 'float32', [1, 3, 64, 64]]], outputs: [['output0', 'float32', [1, 84, 8400]]], nodes: [['Conv', ['images', 'w'], ['output0']]], constants: { w: { shape: [1] } } }
  for (const model of [{ ...text, constants: {} }, boxes]) {
    const { card, assumptions } = await resolveModel(exportedFolder(t, model))
    t.match(card, { input: { kind: 'tensors' }, output: { kind: 'tensors' }, labels: [] })
    t.same(assumptions, [])
  }
})

t.test('classes that nobody counts are left to a run', async t => {
  const { card, probe } = await resolveModel(exportedFolder(t, { outputs: [['y', 'float32', ['', 'classes']]], nodes: [['Relu', ['X'], ['y']]] }))
  t.match(card, { output: { kind: 'classes', activation: 'softmax' }, labels: [] })
  t.ok(probe)
})

t.test('a value inside the graph that the answer needs becomes an output', async t => {
  const columns: Exported = {
    ...zipped,
    outputs: [['output_label', 'int64', ['']], ['i3', 'float32', ['']], ['i10', 'float32', ['']]],
    nodes: [...(zipped.nodes ?? []).slice(0, 3), ['Slice', ['probabilities', 'a', 'b', 'b'], ['i3']], ['Slice', ['probabilities', 'b', 'a', 'b'], ['i10']]],
    constants: { a: { ints: [0] }, b: { ints: [1] } }
  }
  t.match(await resolveModel(exportedFolder(t, columns)), { inside: ['probabilities'], card: { output: { tensor: 'probabilities', label: 'output_label' }, labels: ['3', '10', '17'] } })
})

t.test('a folder without a model, and a file that is none, are refused', async t => {
  await t.rejects(resolveModel(t.testdir({})), { code: 'SRV_MODEL_MISSING' })
  await t.rejects(resolveModel(t.testdir({ 'model.onnx': 'no model' })), { code: 'SRV_MODEL_INVALID' })
})

t.test('the answer is worked out before what the shape of an input suggests', async t => {
  const names = SOURCES.map(({ name }) => name)
  t.ok(names.indexOf('inferOutputs') < names.indexOf('inferTable'))
})
