import t, { type Test } from 'tap'
import { resolveModel } from '../../../../lib/card/resolve.ts'
import { exportedFolder, network, supportVectors, zipped, type Exported, type Operator } from '../../../fixtures/exported.ts'
import type { Value } from '../../../fixtures/onnx.ts'

const resolve = async (t: Test, model: Exported, files: Record<string, string | object> = {}) => await resolveModel(exportedFolder(t, model, files))
const answer = async (t: Test, model: Exported, files: Record<string, string | object> = {}) => {
  const { card: { output, labels }, assumptions, probe } = await resolve(t, model, files)
  return { output, labels, assumed: assumptions.map(({ field }) => field).filter(field => !field.startsWith('/input')), probe }
}

/** A model of two columns with one output, made by these operators. */
const ending = (output: Value, nodes: Operator[], producer = 'pytorch'): Exported => ({ producer, outputs: [output], nodes, constants: { w: { shape: [2, Number(output[2][1] ?? 1)] } } })

t.test('a classifier answers the label of its label output', async t => {
  t.same(await answer(t, zipped), { output: { kind: 'classes', tensor: 'output_probability', activation: 'none', label: 'output_label', classes: [3, 10, 17] }, labels: ['3', '10', '17'], assumed: [], probe: false })
})

t.test('margins make no probabilities: the label alone is answered', async t => {
  t.same(await answer(t, supportVectors), { output: { kind: 'label', label: 'label', classes: ['high', 'low', 'mid'] }, labels: ['high', 'low', 'mid'], assumed: [], probe: false })
  const inDoubles: Exported = { ...supportVectors, nodes: [['MatMul', ['X', 'w'], ['m']], ['Add', ['m', 'b'], ['probabilities']], ['ArgMax', ['m'], ['i']], ['ml.ArrayFeatureExtractor', ['c', 'i'], ['label']]], constants: { w: { shape: [2, 3] }, b: [1, 2, 3], c: ['high', 'low', 'mid'] } }
  t.match(await answer(t, inDoubles), { output: { kind: 'label', classes: ['high', 'low', 'mid'] } }, 'also of a product')
  const binary: Exported = { ...supportVectors, outputs: [['label', 'string', ['']], ['probabilities', 'float32', ['', 1]]] }
  t.match(await answer(t, binary), { output: { kind: 'label' } }, 'also in one column')
})

t.test('a label output beside logits of a network is answered with the probability of softmax', async t => {
  const model: Exported = { ...network, outputs: [...network.outputs, ['class', 'int64', ['batch']]], nodes: [...network.nodes ?? [], ['ArgMax', ['output'], ['class'], { axis: 1, keepdims: 0 }]] }
  t.same(await answer(t, model), { output: { kind: 'classes', tensor: 'output', activation: 'softmax', label: 'class' }, labels: ['0', '1', '2'], assumed: ['/output/activation', '/labels'], probe: false })
})

t.test('a label output alone is a label without a probability', async t => {
  const model: Exported = { outputs: [['label', 'string', ['']]], nodes: [['ArgMax', ['X'], ['i']], ['ml.ArrayFeatureExtractor', ['c', 'i'], ['label']]], constants: { c: ['no', 'yes'] } }
  t.match(await answer(t, model), { output: { kind: 'label', label: 'label', classes: ['no', 'yes'] }, labels: ['no', 'yes'] })
})

t.test('a matrix of 0 and 1 beside the probabilities means several labels at once', async t => {
  for (const [name, output] of [['ZipMap', 'p'], ['a tensor', ['p', 'float32', ['', 3]]]] as const) {
    const model: Exported = {
      producer: 'skl2onnx',
      outputs: [['label', 'int64', ['', 3]], output],
      nodes: [['ml.LinearClassifier', ['X'], ['l0', 'p0'], { classlabels_ints: { ints: [0, 1] } }], ['Concat', ['p0', 'p0'], ['c']], ['ArgMax', ['c'], ['label']], name === 'ZipMap' ? ['ml.ZipMap', ['c'], ['p'], { classlabels_int64s: { ints: [0, 1, 2] } }] : ['Identity', ['c'], ['p']]]
    }
    t.match(await answer(t, model), { output: { kind: 'labels', tensor: 'p', activation: 'none' }, labels: ['0', '1', '2'], probe: false }, name)
  }
})

t.test('one column is a probability after a sigmoid, and a number otherwise', async t => {
  t.same(await answer(t, ending(['y', 'float32', ['', 1]], [['Gemm', ['X', 'w'], ['l']], ['Sigmoid', ['l'], ['y']]])), { output: { kind: 'binary', tensor: 'y', activation: 'none' }, labels: ['0', '1'], assumed: ['/labels'], probe: false })
  t.same(await answer(t, ending(['y', 'float32', ['', 1]], [['Gemm', ['X', 'w'], ['y']]])), { output: { kind: 'value', tensor: 'y' }, labels: [], assumed: ['/output/kind'], probe: false })
  t.same(await answer(t, ending(['y', 'float32', ['']], [['ml.TreeEnsembleRegressor', ['X'], ['y']]], 'CatBoost')), { output: { kind: 'value', tensor: 'y' }, labels: [], assumed: [], probe: false }, 'a regressor needs no assumption')
  t.equal((await resolve(t, ending(['y', 'float32', ['', 1]], [['Gemm', ['X', 'w'], ['y']]]))).card.labelKey, 'value')
})

t.test('one number and two labels contradict each other, until the card says what it is', async t => {
  const model = ending(['y', 'float32', ['', 1]], [['Gemm', ['X', 'w'], ['y']]])
  const labels = 'no\nyes\n'
  const line = '{"output":{"kind":"binary","activation":"sigmoid"}}'
  await t.rejects(answer(t, model, { 'labels.txt': labels }), { code: 'SRV_CARD_AMBIGUOUS', message: line })
  t.match(await answer(t, model, { 'labels.txt': labels, 'card.json': line }), { output: { kind: 'binary', tensor: 'y', activation: 'sigmoid' }, labels: ['no', 'yes'], assumed: [] })
})

t.test('several columns: sigmoids are several labels, logits one of many, regressors several numbers', async t => {
  t.match(await answer(t, ending(['y', 'float32', ['', 3]], [['Gemm', ['X', 'w'], ['l']], ['Sigmoid', ['l'], ['y']]])), { output: { kind: 'labels', activation: 'none' }, labels: ['0', '1', '2'] })
  t.same(await answer(t, network), { output: { kind: 'classes', tensor: 'output', activation: 'softmax' }, labels: ['0', '1', '2'], assumed: ['/output/activation', '/labels'], probe: false })
  t.match(await answer(t, ending(['y', 'float32', ['', 3]], [['ml.LinearRegressor', ['X'], ['y']]], 'skl2onnx')), { output: { kind: 'tensors' }, labels: [] })
  t.match(await answer(t, ending(['y', 'float32', ['', 3]], [['MatMul', ['X', 'w'], ['y']]], 'skl2onnx')), { output: { kind: 'tensors' } }, 'also as a product')
})

t.test('what the graph does not say is left to a run', async t => {
  const model = ending(['y', 'float32', ['', 2]], [['Abs', ['X'], ['y']]])
  t.match(await answer(t, model), { output: { kind: 'classes', activation: 'none' }, probe: true })
  t.match(await answer(t, model, { 'card.json': { output: { activation: 'none' } } }), { probe: false }, 'not if the card says it')
})

t.test('numbers without an upper limit are logits, also after their mean: SqueezeNet ends so', async t => {
  const model = ending(['y', 'float32', ['', 2]], [['Relu', ['X'], ['r']], ['ReduceMean', ['r'], ['y']]])
  t.match(await answer(t, model), { output: { kind: 'classes', activation: 'softmax' }, probe: false })
})

t.test('the card decides the kind, and the graph the rest', async t => {
  for (const [own, output] of [
    [{ kind: 'labels' }, { kind: 'labels', tensor: 'output', activation: 'sigmoid' }],
    [{ activation: 'sigmoid' }, { kind: 'labels', tensor: 'output', activation: 'sigmoid' }],
    [{ activation: 'none' }, { kind: 'classes', tensor: 'output', activation: 'none' }],
    [{ kind: 'tensors' }, { kind: 'tensors' }],
    [{ tensor: 'output', activation: 'softmax' }, { kind: 'classes', tensor: 'output', activation: 'softmax' }]
  ]) t.same((await answer(t, network, { 'card.json': { output: own } })).output, output, JSON.stringify(own))
})

/** Probabilities of three labels, and a label that these operators make. */
const beside = (...nodes: Operator[]): Exported => ({
  outputs: [['label', 'int64', ['']], ['probabilities', 'float32', ['', 3]]],
  nodes: [['Gemm', ['X', 'w'], ['l']], ['Softmax', ['l'], ['probabilities']], ...nodes],
  constants: { w: { shape: [2, 3] }, one: { ints: [1] } }
})

t.test('a label that the graph does not show to be an index of the scores is answered alone, as it is', async t => {
  const fromOne = beside(['ArgMax', ['probabilities'], ['i'], { axis: 1, keepdims: 0 }], ['Add', ['i', 'one'], ['label']])
  const alone = { output: { kind: 'label', label: 'label' }, labels: [], assumed: [], probe: false }
  t.same(await answer(t, fromOne), alone)
  t.same(await answer(t, fromOne, { 'labels.txt': 'ant\nbee\ncat\n' }), alone, 'the texts in a file may start at another number')
  t.match(await answer(t, fromOne, { 'card.json': { output: { classes: [1, 2, 3] }, labels: ['ant', 'bee', 'cat'] } }), { output: { kind: 'classes', label: 'label', classes: [1, 2, 3] }, labels: ['ant', 'bee', 'cat'] }, 'the card settles it')
  t.match(await answer(t, beside(['ArgMax', ['X'], ['label'], { axis: 1, keepdims: 0 }])), { output: { kind: 'label' } }, 'the index of other scores')
})

t.test('a label that is the index of the largest score names the label of that column', async t => {
  const index = beside(['ArgMax', ['l'], ['i'], { axis: 1 }], ['Squeeze', ['i'], ['s']], ['Cast', ['s'], ['label'], { to: 7 }])
  t.match(await answer(t, index), { output: { kind: 'classes', tensor: 'probabilities', label: 'label' }, labels: ['0', '1', '2'] })
  t.match(await answer(t, index, { 'labels.txt': 'ant\nbee\ncat\n' }), { output: { kind: 'classes', label: 'label', classes: [0, 1, 2] }, labels: ['ant', 'bee', 'cat'] })
  const lone: Exported = { outputs: [['label', 'int64', ['']]], nodes: [['Gemm', ['X', 'w'], ['l']], ['ArgMax', ['l'], ['label'], { axis: 1, keepdims: 0 }]], constants: { w: { shape: [2, 2] } } }
  t.match(await answer(t, lone, { 'labels.txt': 'no\nyes\n' }), { output: { kind: 'label', label: 'label', classes: [0, 1] }, labels: ['no', 'yes'] })
})

t.test('the largest scores and their indices are plain tensors, as are integers that decide nothing', async t => {
  const outputs: Value[] = [['values', 'float32', ['', 2]], ['indices', 'int64', ['', 2]]]
  const constants = { w: { shape: [2, 5] }, k: { ints: [2] } }
  const largest: Exported = { outputs, nodes: [['Gemm', ['X', 'w'], ['l']], ['Softmax', ['l'], ['p']], ['TopK', ['p', 'k'], ['v', 'indices']], ['Identity', ['v'], ['values']]], constants }
  t.match(await answer(t, largest), { output: { kind: 'tensors' }, labels: [] })
  const tokens: Exported = { outputs, nodes: [['Gemm', ['X', 'w'], ['l']], ['Softmax', ['l'], ['values']], ['NonZero', ['X'], ['indices']]], constants }
  t.match(await answer(t, tokens), { output: { kind: 'tensors' } })
  const decided: Exported = { outputs, nodes: [['Gemm', ['X', 'w'], ['l']], ['Sigmoid', ['l'], ['values']], ['Greater', ['values', 'half'], ['b']], ['Cast', ['b'], ['indices'], { to: 7 }]], constants: { ...constants, half: [0.5] } }
  t.match(await answer(t, decided), { output: { kind: 'labels', tensor: 'values', activation: 'none' }, labels: ['0', '1'] })
})

t.test('the source of a label says why the scores beside it are not answered', async t => {
  const evidenceText = async (model: Exported) => (await resolve(t, model)).sources.join('; ')
  t.match(await evidenceText(supportVectors), "'probabilities' holds no probabilities")
  const unknown: Exported = { outputs: [['label', 'int64', ['']], ['score', 'float32', ['', 1]]], nodes: [['Gemm', ['X', 'w'], ['l']], ['ReduceMax', ['l'], ['score']], ['ArgMax', ['l'], ['label'], { axis: 1, keepdims: 0 }]], constants: { w: { shape: [2, 3] } } }
  t.match(await evidenceText(unknown), "'score' is of unknown meaning")
})
