import t from 'tap'
import { classesOf } from '../../../../lib/card/infer/classes.ts'
import { exportedGraph, supportVectors, zipped, type Exported } from '../../../fixtures/exported.ts'

/** A vote of two estimators as skl2onnx writes it: the inner ones hold indices as classes. */
const vote: Exported = {
  producer: 'skl2onnx',
  outputs: [['label', 'string', ['']], ['probabilities', 'float32', ['', 3]]],
  nodes: [
    ['ml.LinearClassifier', ['X'], ['label_0', 'p0'], { classlabels_ints: { ints: [0, 1, 2] }, post_transform: 'SOFTMAX' }],
    ['ml.LinearClassifier', ['X'], ['label_1', 'p1'], { classlabels_ints: { ints: [0, 1, 2] }, post_transform: 'SOFTMAX' }],
    ['Sum', ['p0', 'p1'], ['probabilities']],
    ['ArgMax', ['probabilities'], ['index'], { axis: 1 }],
    ['ml.ArrayFeatureExtractor', ['classes', 'index'], ['picked']],
    ['Reshape', ['picked', 'shape'], ['label']]
  ],
  constants: { classes: ['setosa', 'versicolor', 'virginica'], shape: { ints: [-1] } }
}

t.test('the classes are those of the node that makes the output', async t => {
  t.same(classesOf(await exportedGraph(t, zipped), { scores: 'output_probability' }), [3, 10, 17], 'of the ZipMap')
  t.same(classesOf(await exportedGraph(t, zipped), { label: 'output_label' }), [3, 10, 17], 'of the classifier')
  t.same(classesOf(await exportedGraph(t, supportVectors), { label: 'label', scores: 'probabilities' }), ['high', 'low', 'mid'])
  t.same(classesOf(await exportedGraph(t, vote), { label: 'label', scores: 'probabilities' }), ['setosa', 'versicolor', 'virginica'], 'and not of the estimators in a vote')
})

t.test('classes may be negative, and a LabelEncoder may name them', async t => {
  const negative = await exportedGraph(t, {
    outputs: [['label', 'int64', ['']], ['p', 'float32', ['', 2]]],
    nodes: [['ml.TreeEnsembleClassifier', ['X'], ['label', 'p'], { classlabels_int64s: { ints: [-1, 1] } }]]
  })
  t.same(classesOf(negative, { label: 'label' }), [-1, 1])
  const named = await exportedGraph(t, {
    outputs: [['label', 'string', ['']]],
    nodes: [['ArgMax', ['X'], ['index']], ['ml.LabelEncoder', ['index'], ['label'], { keys_int64s: { ints: [0, 1] }, values_strings: ['no', 'yes'] }]]
  })
  t.same(classesOf(named, { label: 'label' }), ['no', 'yes'])
})

t.test('a network says nothing about its classes', async t => {
  const graph = await exportedGraph(t, { outputs: [['label', 'int64', ['']], ['l', 'float32', ['', 2]]], nodes: [['Gemm', ['X', 'w'], ['l']], ['ArgMax', ['l'], ['label']]], constants: { w: { shape: [2, 2] } } })
  t.equal(classesOf(graph, { label: 'label', scores: 'l' }), null)
})
