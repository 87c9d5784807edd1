import t, { type Test } from 'tap'
import { countOf, findLabels, indices, inferLabels } from '../../../../lib/card/infer/labels.ts'
import { findFiles } from '../../../../lib/card/files.ts'
import type { PartialCard } from '../../../../lib/card/infer/source.ts'
import { readGraph } from '../../../../lib/card/onnx/graph.ts'
import { exportedFolder, network, supportVectors, zipped, type Exported } from '../../../fixtures/exported.ts'

const evidenceOf = async (t: Test, model: Exported, files: Record<string, string | object> = {}) => {
  const found = await findFiles(exportedFolder(t, model, files))
  return { files: found, graph: await readGraph(found.model) }
}
const logits: PartialCard = { output: { kind: 'classes', tensor: 'output', activation: 'softmax' } }
const find = async (t: Test, model: Exported, known: PartialCard, files: Record<string, string | object> = {}) => {
  const finding = await inferLabels(await evidenceOf(t, model, files), known)
  return finding && [finding.card.labels, finding.from]
}

t.test('the usual files are found, whatever the case of their names', async t => {
  const labels = ['ant', 'bee', 'cat']
  for (const [name, content] of Object.entries({ 'labels.txt': 'ant\nbee\ncat', 'classes.txt': 'ant\r\nbee\r\ncat\r\n', 'Labels.txt': '0 ant\n1 bee\n2 cat', 'labels.json': labels, 'id2label.json': { 0: 'ant', 1: 'bee', 2: 'cat' }, 'class_names.json': { class_names: labels } })) {
    t.same(await find(t, network, logits, { [name]: content }), [labels, name], name)
  }
})

t.test("the file that Triton's configuration names comes before the usual ones", async t => {
  const files = { 'config.pbtxt': 'output [ { name: "output" label_filename: "Animals.txt" } ]', 'Animals.txt': 'ant\nbee\ncat', 'labels.txt': 'x\ny\nz' }
  t.same(await find(t, network, logits, files), [['ant', 'bee', 'cat'], 'Animals.txt'])
})

t.test("metadata comes before files, and CatBoost's names are in its metadata", async t => {
  const metadata = { class_params: '{"class_label_type":"String","class_names":["a","b","c"],"class_to_label":[0,1,2],"classes_count":0}' }
  t.same(await find(t, { ...network, metadata }, logits, { 'labels.txt': 'x\ny\nz' }), [['a', 'b', 'c'], "the metadata 'class_params'"])
  t.same(await find(t, { ...network, metadata: { labels: 'none of your business' } }, logits, { 'labels.txt': 'x\ny\nz' }), [['x', 'y', 'z'], 'labels.txt'], 'metadata of that name may be anything')
})

t.test("the texts in the graph are the model's own, and in its order", async t => {
  t.same(await find(t, supportVectors, { output: { kind: 'label', label: 'label', classes: ['high', 'low', 'mid'] } }, { 'labels.txt': 'low\nmid\nhigh' }), [['high', 'low', 'mid'], 'the classes in the graph'])
  t.same(await find(t, zipped, { output: { kind: 'classes', tensor: 'output_probability' } }), [['3', '10', '17'], 'the classes in the graph'])
  t.same(await find(t, zipped, { output: { kind: 'classes', tensor: 'output_probability' } }, { 'labels.txt': 'a\nb\nc' }), [['a', 'b', 'c'], 'labels.txt'], 'a file may name numbers')
})

t.test('more or fewer labels than classes are refused with both numbers', async t => {
  for (const text of ['ant\nbee', 'a\nb\nc\nd']) {
    await t.rejects(find(t, network, logits, { 'labels.txt': text }), { code: 'SRV_MODEL_INVALID', message: new RegExp(`model\\.onnx: labels\\.txt has ${text.split('\n').length} labels, but the model has 3 classes; `) })
  }
  await t.rejects(find(t, network, logits, { 'labels.json': '{"0":"ant"' }), { code: 'SRV_MODEL_INVALID', message: /labels\.json is no list of labels; write \["ant"/ })
  await t.rejects(find(t, network, logits, { 'labels.txt': 'ant\n\ncat' }), { code: 'SRV_MODEL_INVALID', message: /labels\.txt is no list of labels; write one label in each line/ })
})

t.test('the index of each label is the last resort, and an assumption', async t => {
  const finding = await inferLabels(await evidenceOf(t, network), logits)
  t.same(finding?.card.labels, ['0', '1', '2'])
  t.match(finding?.assumptions, [{ field: '/labels', card: '{"labels":["0","1","2"]}' }])
  t.same(indices(2).card.labels, ['0', '1'])
  t.equal(await find(t, { ...network, outputs: [['output', 'float32', ['batch', 'classes']]] }, logits), null, 'nobody can count them here')
})

t.test('numbers, plain tensors and known labels need none', async t => {
  const all: PartialCard[] = [{ output: { kind: 'value' } }, { output: { kind: 'tensors' } }, {}, { ...logits, labels: ['a', 'b', 'c'] }]
  for (const known of all) t.equal(await find(t, network, known, { 'labels.txt': 'x' }), null)
})

t.test('one probability has two labels; the others have as many as the classes or the columns', async t => {
  const { graph } = await evidenceOf(t, network)
  t.equal(countOf(graph, { output: { kind: 'binary', tensor: 'output' } }), 2)
  t.equal(countOf(graph, logits), 3)
  t.equal(countOf(graph, { output: { kind: 'label', label: 'label', classes: [1, 2] } }), 2)
  t.equal(countOf(graph, { output: { kind: 'label', label: 'label' } }), null)
})

t.test('labels are found without an output too, to choose one by their number', async t => {
  t.match(await findLabels(await evidenceOf(t, network, { 'labels.txt': 'a\nb' })), { labels: ['a', 'b'], from: 'labels.txt' })
  t.equal(await findLabels(await evidenceOf(t, network)), null)
})
