import t from 'tap'
import { columnFacts } from '../../../../lib/card/infer/columns.ts'
import { exportedGraph, type Exported, type Operator } from '../../../fixtures/exported.ts'
import type { Value } from '../../../fixtures/onnx.ts'

const output: Value = ['y', 'float32', ['', 1]]
const facts = async (t: Parameters<typeof exportedGraph>[0], inputs: Value[], nodes: Operator[], constants: Exported['constants'] = {}) =>
  Object.fromEntries(columnFacts(await exportedGraph(t, { inputs, outputs: [output], nodes, constants }), new Map(inputs.map(([name, , shape]) => [name, Number(shape[1])]))))

t.test("the words of a column are its encoder's", async t => {
  t.same(await facts(t, [['sex', 'string', ['', 1]], ['class', 'int64', ['', 1]], ['port', 'string', ['', 1]], ['deck', 'string', ['', 1]]], [
    ['Gather', ['sex', 'first'], ['sex1'], { axis: 1 }],
    ['ml.OneHotEncoder', ['sex1'], ['e1'], { cats_strings: ['female', 'male'], zeros: 0 }],
    ['Cast', ['class'], ['class1'], { to: 7 }],
    ['ml.OneHotEncoder', ['class1'], ['e2'], { cats_int64s: { ints: [1, 2, 3] }, zeros: 1 }],
    ['ml.LabelEncoder', ['port'], ['e3'], { keys_strings: ['C', 'Q'], values_int64s: { ints: [0, 1] } }],
    ['ml.LabelEncoder', ['deck'], ['e4'], { keys_strings: ['A'], values_int64s: { ints: [0] }, default_int64: -2 }],
    ['Concat', ['e1', 'e2', 'e3', 'e4'], ['y'], { axis: 1 }]
  ], { first: { ints: [0] } }), {
    sex: [{ values: ['female', 'male'] }],
    class: [{ values: [1, 2, 3], others: true }],
    port: [{ values: ['C', 'Q'] }],
    deck: [{ values: ['A'], others: true }]
  })
})

t.test('one tensor of several columns: each column goes its own way', async t => {
  t.same(await facts(t, [['X', 'float32', ['', 3]]], [
    ['ml.ArrayFeatureExtractor', ['X', 'numbers'], ['n']],
    ['ml.Scaler', ['n'], ['scaled'], { offset: [5, 7], scale: [1, 1] }],
    ['ml.ArrayFeatureExtractor', ['X', 'word'], ['w']],
    ['ml.OneHotEncoder', ['w'], ['e'], { cats_int64s: { ints: [4, 6] } }],
    ['Concat', ['scaled', 'e'], ['y'], { axis: 1 }]
  ], { numbers: { ints: [2, 0] }, word: { ints: [1] } }), { X: [{ mean: 7 }, { values: [4, 6], others: true }, { mean: 5 }] })
})

t.test('the means are those of columns as the client sends them', async t => {
  const sub = (nodes: Operator[]) => facts(t, [['X', 'float32', ['', 2]]], nodes, { mean: [1, 2], two: [2] })
  t.same(await sub([['Sub', ['X', 'mean'], ['c']], ['Div', ['c', 'two'], ['y']]]), { X: [{ mean: 1 }, { mean: 2 }] })
  t.same(await sub([['Mul', ['X', 'two'], ['m']], ['Sub', ['m', 'mean'], ['y']]]), { X: [{}, {}] })
})

t.test('trees say in which range they tell values apart, a tenth wider, but only of values that nothing has scaled', async t => {
  const tree: NonNullable<Operator[3]> = { nodes_modes: ['BRANCH_LEQ', 'BRANCH_LEQ', 'BRANCH_LEQ', 'LEAF'], nodes_featureids: { ints: [1, 1, 0, 0] }, nodes_values: [10, 20, 3, 99] }
  const input: Value = ['X', 'float32', ['', 2]]
  t.same(await facts(t, [input], [['ml.TreeEnsembleRegressor', ['X'], ['y'], tree]]), { X: [{}, { range: { min: 9, max: 21 } }] }, 'one threshold is no range')
  t.same(await facts(t, [input], [['ml.Scaler', ['X'], ['s'], { offset: [1, 1] }], ['ml.TreeEnsembleRegressor', ['s'], ['y'], tree]]), { X: [{ mean: 1 }, { mean: 1 }] })
})

t.test('concatenations that double a value at each step stay small', async t => {
  const nodes = Array.from({ length: 60 }, (_, at): Operator => ['Concat', [at === 0 ? 'X' : `v${at - 1}`, at === 0 ? 'X' : `v${at - 1}`], [`v${at}`], { axis: 1 }])
  t.same(await facts(t, [['X', 'float32', ['', 2]]], nodes), { X: [{}, {}] })
})

t.test('a long chain of operators on many columns ends, with what was known of the columns', async t => {
  const chain = Array.from({ length: 1200 }, (_, at): Operator => ['Mul', [at === 0 ? 'x' : `v${at}`, 'one'], [`v${at + 1}`]])
  const found = await facts(t, [['x', 'float32', ['', 1024]]], [['Sub', ['x', 'mean'], ['centred']], ...chain], { mean: [7], one: [1] })
  t.equal(found['x']?.length, 1024)
  t.same(found['x']?.[1023], { mean: 7 })
})
