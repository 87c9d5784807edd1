import t, { type Test } from 'tap'
import { findFiles } from '../../../../lib/card/files.ts'
import type { PartialCard } from '../../../../lib/card/infer/source.ts'
import { inferTable } from '../../../../lib/card/infer/table.ts'
import { readGraph } from '../../../../lib/card/onnx/graph.ts'
import { exportedFolder, network, type Exported, type Operator } from '../../../fixtures/exported.ts'
import type { Value } from '../../../fixtures/onnx.ts'

const find = async (t: Test, model: Exported, known: PartialCard = { output: { kind: 'classes' } }) => {
  const files = await findFiles(exportedFolder(t, model))
  return await inferTable({ files, graph: await readGraph(files.model) }, known)
}
const output: Value = ['y', 'float32', ['', 1]]
const taking = (inputs: Value[], nodes: Operator[] = [], constants: Exported['constants'] = {}): Exported => ({ inputs, outputs: [output], nodes, constants })

t.test('one tensor of several columns: they are named by their places, which is an assumption', async t => {
  const finding = await find(t, taking([['X', 'float64', ['', 3]]]))
  t.same(finding?.card.input, { kind: 'table', tensor: 'X', type: 'float64', features: [{ name: 'x0' }, { name: 'x1' }, { name: 'x2' }] })
  t.match(finding?.assumptions, [{ field: '/input/features', assumed: 'x0 to x2 as names of the columns', card: '{"input":{"features":[{"name":"x0"},{"name":"x1"},{"name":"x2"}]}}' }])
})

t.test('named columns keep their names and types, and need no assumption', async t => {
  const finding = await find(t, taking([['age', 'float32', ['', 1]], ['alone', 'bool', ['N', 1]], ['sex', 'string', ['N']], ['class', 'int64', [1, 1]]]))
  t.same(finding?.card.input, {
    kind: 'table',
    features: [
      { name: 'age', tensor: 'age', type: 'float32' }, { name: 'alone', tensor: 'alone', type: 'bool' }, { name: 'sex', tensor: 'sex', type: 'string' }, { name: 'class', tensor: 'class', type: 'int64' }
    ]
  })
  t.same(finding?.assumptions, [])
})

t.test('groups of columns are named by their tensor and place', async t => {
  const finding = await find(t, taking([['numbers', 'float32', ['', 2]], ['sex', 'string', ['', 1]]]))
  const features = finding?.card.input && 'features' in finding.card.input ? finding.card.input.features : []
  t.same(features?.map(({ name, tensor }) => [name, tensor]), [['numbers_0', 'numbers'], ['numbers_1', 'numbers'], ['sex', 'sex']])
  t.match(finding?.assumptions, [{ field: '/input/features' }])
})

t.test('what the graph says about a column is shown: words, a typical value, a range', async t => {
  const finding = await find(t, taking([['sex', 'string', ['', 1]], ['age', 'float32', ['', 1]], ['class', 'int64', ['', 1]], ['fare', 'float32', ['', 1]]], [
    ['ml.OneHotEncoder', ['sex'], ['e'], { cats_strings: ['female', 'male'] }],
    ['ml.Scaler', ['age'], ['s'], { offset: [29.881134], scale: [1] }],
    ['ml.Scaler', ['class'], ['s2'], { offset: [2.31], scale: [1] }],
    ['ml.TreeEnsembleRegressor', ['fare'], ['y'], { nodes_modes: ['BRANCH_LEQ', 'BRANCH_LEQ'], nodes_featureids: { ints: [0, 0] }, nodes_values: [10, 20] }]
  ]))
  t.same(finding?.card.input, {
    kind: 'table',
    features: [
      { name: 'sex', tensor: 'sex', type: 'string', values: ['female', 'male'], others: true, example: 'female' },
      { name: 'age', tensor: 'age', type: 'float32', example: 29.88 },
      { name: 'class', tensor: 'class', type: 'int64', example: 2 },
      { name: 'fare', tensor: 'fare', type: 'float32', min: 9, max: 21, example: 15 }
    ]
  })
  t.match(finding?.assumptions, [{ field: '/input/features/3/min', card: /"fare","min":9,"max":21,"example":15/ }], 'the range is not that of the training data')
})

t.test('a width that the input does not declare is that of what takes it', async t => {
  const width = async (nodes: Operator[], constants: Exported['constants'] = {}) => {
    const input = (await find(t, taking([['X', 'float32', ['', '']]], nodes, constants)))?.card.input
    return input && 'features' in input ? input.features?.length : undefined
  }
  t.equal(await width([['Gemm', ['X', 'w'], ['y']]], { w: { shape: [5, 2] } }), 5)
  t.equal(await width([['Gemm', ['X', 'w'], ['y'], { transB: 1 }]], { w: { shape: [2, 5] } }), 5)
  t.equal(await width([['MatMul', ['X', 'w'], ['y']]], { w: { shape: [4, 2] } }), 4)
  t.equal(await width([['ml.Scaler', ['X'], ['y'], { offset: [1, 2, 3] }]]), 3)
  t.equal(await width([['ml.LinearClassifier', ['X'], ['l', 'y'], { coefficients: [1, 2, 3, 4], intercepts: [0], classlabels_ints: { ints: [0, 1] } }]]), 4)
  t.equal(await width([['Relu', ['X'], ['y']]]), undefined)
})

t.test('pictures, words in order, tensors without a batch axis and thousands of columns are no table', async t => {
  for (const [name, inputs] of Object.entries<Value[]>({
    'a picture': [['x', 'float32', ['N', 3, 8, 8]]],
    'words in order': [['input_ids', 'int64', ['batch', 'sequence']], ['attention_mask', 'int64', ['batch', 'sequence']]],
    'a signal': [['x', 'float32', ['N', 16000]]],
    'no batch axis': [['x', 'float32', [4]]],
    'no input': []
  })) t.equal(await find(t, taking(inputs)), null, name)
  t.equal(await find(t, network, { input: { kind: 'image' } }), null, 'nor what is known to be something else')
})

t.test('plain tensors as an answer mean plain tensors as an input, unless the card says that it is a table', async t => {
  t.equal(await find(t, network, { output: { kind: 'tensors' } }), null)
  t.match(await find(t, network, { input: { kind: 'table' }, output: { kind: 'tensors' } }), { card: { input: { kind: 'table', tensor: 'input' } } })
})
