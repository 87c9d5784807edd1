import t from 'tap'
import { meaningOf, type Meaning } from '../../../../lib/card/infer/scores.ts'
import { exportedGraph, type Constant, type Operator } from '../../../fixtures/exported.ts'

/** Ends of graphs as exporters write them, up to the value y. */
const ENDS: Array<[name: string, meaning: Meaning, nodes: Operator[], constants?: Record<string, Constant>]> = [
  ['torch with softmax', 'probabilities', [['Gemm', ['X', 'w'], ['l']], ['Softmax', ['l'], ['y']]]],
  ['torch without', 'logits', [['Gemm', ['X', 'w'], ['y']]]],
  ['float16: a cast at the end', 'logits', [['Gemm', ['X', 'w'], ['l']], ['Cast', ['l'], ['y']]]],
  ['log softmax, whose softmax is the probabilities', 'logits', [['Gemm', ['X', 'w'], ['l']], ['LogSoftmax', ['l'], ['y']]]],
  ['several labels', 'independent', [['MatMul', ['X', 'w'], ['l']], ['Sigmoid', ['l'], ['y']]]],
  ['onnxruntime quantize_dynamic', 'logits', [['MatMulInteger', ['X', 'w'], ['i']], ['Cast', ['i'], ['f']], ['Mul', ['f', 'scale'], ['m']], ['Add', ['m', 'b'], ['y']]]],
  ['quantised with scales that are computed', 'logits', [['MatMulInteger', ['X', 'w'], ['i']], ['Cast', ['i'], ['f']], ['Mul', ['dynamic', 'scale'], ['s']], ['Mul', ['f', 's'], ['m']], ['Add', ['m', 'b'], ['y']]]],
  ['quantised softmax', 'probabilities', [['Softmax', ['X'], ['p']], ['QuantizeLinear', ['p', 'scale'], ['q']], ['DequantizeLinear', ['q', 'scale'], ['y']]]],
  ['LightGBM: a product with 1', 'probabilities', [['Softmax', ['X'], ['p']], ['Mul', ['p', 'one'], ['y']]]],
  ['a product with 2 makes no probabilities', 'unknown', [['Softmax', ['X'], ['p']], ['Mul', ['p', 'two'], ['y']]]],
  ['Keras: clipped', 'probabilities', [['Softmax', ['X'], ['p']], ['Clip', ['p', 'low', 'high'], ['y']]]],
  ['a normaliser of scikit-learn', 'probabilities', [['ml.Normalizer', ['X'], ['y'], { norm: 'L1' }]]],
  ['LogisticRegression', 'probabilities', [['ml.LinearClassifier', ['X'], ['label', 'y'], { post_transform: 'LOGISTIC' }]]],
  ['LinearSVC', 'margins', [['ml.LinearClassifier', ['X'], ['label', 'y'], { post_transform: 'NONE' }]]],
  ['LinearSVC of two classes: one column of the scores', 'margins', [['ml.LinearClassifier', ['X'], ['label', 's'], { post_transform: 'NONE' }], ['ml.ArrayFeatureExtractor', ['s', 'one'], ['y']]]],
  ['SVC without probabilities', 'margins', [['ml.SVMClassifier', ['X'], ['label', 'y'], { post_transform: 'NONE' }]]],
  ['SVC with', 'probabilities', [['ml.SVMClassifier', ['X'], ['label', 'y'], { post_transform: 'NONE', prob_a: [-3, -3] }]]],
  ['a forest, whose leaves are shares', 'probabilities', [['ml.TreeEnsembleClassifier', ['X'], ['label', 'y'], { class_weights: [0, 0.1, 0.9] }]]],
  ['trees with other leaves', 'unknown', [['ml.TreeEnsembleClassifier', ['X'], ['label', 'y'], { class_weights: [-2, 3] }]]],
  ['XGBoost', 'probabilities', [['ml.TreeEnsembleClassifier', ['X'], ['label', 'y'], { class_weights: [-2, 3], post_transform: 'SOFTMAX' }]]],
  ['a regressor', 'numbers', [['ml.TreeEnsembleRegressor', ['X'], ['y'], { post_transform: 'NONE' }]]],
  ['SGDClassifier: 1 − p and p', 'probabilities', [['Sigmoid', ['X'], ['p']], ['Sub', ['one', 'p'], ['q']], ['Concat', ['q', 'p'], ['y'], { axis: 1 }]]],
  ['OneVsRest: divided by their sum', 'probabilities', [['Sigmoid', ['X'], ['p']], ['ReduceSum', ['p', 'axes'], ['sum']], ['Div', ['p', 'sum'], ['y']]]],
  ['divided by the sum of something else', 'unknown', [['Sigmoid', ['X'], ['p']], ['ReduceSum', ['X', 'axes'], ['sum']], ['Div', ['p', 'sum'], ['y']]]],
  ['naive Bayes: x − logsumexp(x)', 'probabilities', [['ReduceLogSumExp', ['X', 'axes'], ['s']], ['Reshape', ['s', 'shape'], ['r']], ['Sub', ['X', 'r'], ['d']], ['Exp', ['d'], ['y']]]],
  ['an embedding: divided by its length', 'embedding', [['Gemm', ['X', 'w'], ['e']], ['ReduceL2', ['e', 'axes'], ['n']], ['Clip', ['n', 'low'], ['c']], ['Div', ['e', 'c'], ['y']]]],
  ['features of a pooling', 'unknown', [['GlobalAveragePool', ['X'], ['p']], ['Flatten', ['p'], ['y']]]],
  ['the input itself', 'unknown', [['Identity', ['X'], ['y']]]]
]

const constants: Record<string, Constant> = { w: { shape: [2, 2] }, b: [1, 2], scale: [0.5], one: [1], two: [2], low: [0.1], high: [1], axes: { ints: [1] }, shape: { ints: [-1, 1] }, dynamic: [3] }

t.test('the end of the graph says what the scores mean', async t => {
  for (const [name, meaning, nodes] of ENDS) {
    t.equal(meaningOf(await exportedGraph(t, { outputs: [['y', 'float32', ['', 2]]], nodes, constants }), 'y'), meaning, name)
  }
})

t.test('a long chain of operators, and one with many ways through it, end in not knowing', async t => {
  for (const second of ['b', '']) {
    const nodes = Array.from({ length: 5000 }, (_, at): Operator => {
      const value = at === 0 ? 'X' : `v${at - 1}`
      return ['Add', [value, second || value], [at === 4999 ? 'y' : `v${at}`]]
    })
    t.equal(meaningOf(await exportedGraph(t, { outputs: [['y', 'float32', ['', 2]]], nodes, constants }), 'y'), 'unknown')
  }
})
