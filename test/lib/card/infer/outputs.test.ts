import { join } from 'node:path'
import t, { type Test } from 'tap'
import { findFiles } from '../../../../lib/card/files.ts'
import { inferOutputs, isZipped } from '../../../../lib/card/infer/outputs.ts'
import type { PartialCard } from '../../../../lib/card/infer/source.ts'
import { readGraph } from '../../../../lib/card/onnx/graph.ts'
import { exportedFolder, exportedGraph, network, zipped, type Exported } from '../../../fixtures/exported.ts'
import type { Value } from '../../../fixtures/onnx.ts'

const find = async (t: Test, model: Exported, known: PartialCard = {}, files: Record<string, string> = {}) => {
  const folder = exportedFolder(t, model, files)
  return (await inferOutputs({ files: await findFiles(folder), graph: await readGraph(join(folder, 'model.onnx')) }, known))?.card.output
}

/** A body with two heads. */
const heads = (...outputs: Value[]): Exported => ({
  outputs,
  nodes: outputs.map(([name], at) => ['Gemm', ['X', `w${at}`], [name]]),
  constants: Object.fromEntries(outputs.map((_, at) => [`w${at}`, { shape: [2, 3] }]))
})

t.test('a ZipMap is known by its operator, and its output keeps its name', async t => {
  const graph = await exportedGraph(t, zipped)
  t.same(graph.outputs.map(value => isZipped(graph, value)), [false, true])
  t.match(await find(t, zipped), { kind: 'classes', tensor: 'output_probability', label: 'output_label' })
})

t.test("with zipmap='columns' the scores are the value that the columns are cut from", async t => {
  const columns: Exported = {
    producer: 'skl2onnx',
    outputs: [['output_label', 'int64', ['']], ['i0', 'float32', ['']], ['i1', 'float32', ['']]],
    nodes: [
      ['ml.LinearClassifier', ['X'], ['label', 'probabilities'], { classlabels_ints: { ints: [0, 1] }, post_transform: 'LOGISTIC' }],
      ['Cast', ['label'], ['output_label']],
      ['Slice', ['probabilities', 'a', 'b', 'b'], ['s0']], ['Reshape', ['s0', 'shape'], ['i0']],
      ['Slice', ['probabilities', 'b', 'c', 'b'], ['s1']], ['Reshape', ['s1', 'shape'], ['i1']]
    ],
    constants: { a: { ints: [0] }, b: { ints: [1] }, c: { ints: [2] }, shape: { ints: [-1] } }
  }
  t.same(await find(t, columns), { kind: 'classes', tensor: 'probabilities', activation: 'none', label: 'output_label', classes: [0, 1] })
})

t.test('of several outputs, the usual name is the scores, if its type allows', async t => {
  t.match(await find(t, heads(['features', 'float32', ['N', 3]], ['logits', 'float32', ['N', 3]])), { kind: 'classes', tensor: 'logits' })
  t.match(await find(t, heads(['other', 'float32', ['N', 3]], ['logits', 'float32', ['N', 7, 3]]), {}, {}), { kind: 'tensors' }, 'three axes are no scores of labels')
})

t.test('of several outputs, the one as wide as the labels is the scores', async t => {
  const model = heads(['a', 'float32', ['N', 3]], ['b', 'float32', ['N', 2]])
  t.match(await find(t, model, {}, { 'labels.txt': 'ant\nbee\n' }), { kind: 'classes', tensor: 'b' })
  t.match(await find(t, model, { labels: ['ant', 'bee', 'cat'] }), { kind: 'classes', tensor: 'a' })
  t.match(await find(t, model), { kind: 'tensors' }, 'without labels they are unrelated')
})

t.test('several outputs alike are ambiguous, and the error has the line that settles it', async t => {
  const model = heads(['a', 'float32', ['N', 3]], ['b', 'float32', ['N', 3]])
  await t.rejects(find(t, model), { code: 'SRV_CARD_AMBIGUOUS', message: /model\.onnx: it is not clear which output .* 'a' or 'b'; add to card\.json: \{"output":\{"tensor":"a"\}\}$/ })
  t.match(await find(t, model, { output: { tensor: 'a' } }), { kind: 'classes', tensor: 'a' })
})

t.test('detectors, embeddings, sequences and several questions are plain tensors', async t => {
  const box: Value = ['boxes', 'float32', ['N', 4]]
  for (const [name, model] of Object.entries<Exported>({
    'boxes and classes of them': heads(box, ['scores', 'float32', ['N', 9, 2]], ['class_ids', 'int64', ['N', 9]]),
    'suppression of boxes': { ...network, nodes: [...network.nodes ?? [], ['NonMaxSuppression', ['input'], ['x']]] },
    'a grid of boxes': heads(['output0', 'float32', [1, 84, 8400]]),
    'hidden states': heads(['last_hidden_state', 'float32', ['N', 'T', 768]], ['pooler_output', 'float32', ['N', 768]]),
    'an embedding by its name': heads(['image_embeds', 'float32', ['N', 512]]),
    'several labels': heads(['colour', 'int64', ['N']], ['size', 'int64', ['N']], ['p', 'float32', ['N', 3]]),
    'a sequence of tensors': { ...heads(['label', 'int64', ['N', 2]]), outputs: [['label', 'int64', ['N', 2]], 'probabilities'] }
  })) t.same(await find(t, model), { kind: 'tensors' }, name)
})

t.test('an input of plain tensors has plain tensors as its answer, if the card says nothing else', async t => {
  t.same(await find(t, network, { input: { kind: 'tensors' } }), { kind: 'tensors' })
  t.match(await find(t, network, { input: { kind: 'tensors' }, output: { kind: 'classes' } }), { kind: 'classes', tensor: 'output', activation: 'softmax' })
})
