import t, { type Test } from 'tap'
import { answerOf, architectureOf } from '../../../../../lib/card/infer/huggingface/answer.ts'
import { evidenceOf, type TestModel } from '../../../../fixtures/evidence.ts'

const HEAD = 'ForSequenceClassification'
const withColumns = (columns: number | string): TestModel => ({
  input: { name: 'input_ids', type: 7, shape: ['batch', 'tokens'] }, output: { name: 'logits', shape: ['batch', columns] }, nodes: [{ op: 'Gemm', from: ['input_ids'], to: ['logits'] }]
})
const answer = async (t: Test, config: Record<string, unknown>, model = withColumns(3)) => answerOf(await evidenceOf(t, model), config, HEAD)

// What pipelines/text_classification.py of transformers 4.57.6 does in postprocess().
t.test('what the model answers is what the pipeline of transformers makes of its logits', async t => {
  const id2label = { 0: 'bad', 1: 'fair', 2: 'good' }
  t.same(await answer(t, { id2label }), { output: { kind: 'classes', tensor: 'logits', activation: 'softmax' }, labels: ['bad', 'fair', 'good'] })
  t.same(await answer(t, { id2label, problem_type: 'single_label_classification' }), { output: { kind: 'classes', tensor: 'logits', activation: 'softmax' }, labels: ['bad', 'fair', 'good'] })
  t.same(await answer(t, { id2label, problem_type: 'multi_label_classification' }), { output: { kind: 'labels', tensor: 'logits', activation: 'sigmoid' }, labels: ['bad', 'fair', 'good'] })
  t.same(await answer(t, { id2label: { 0: 'spam' } }, withColumns(1)), { output: { kind: 'labels', tensor: 'logits', activation: 'sigmoid' }, labels: ['spam'] })
  t.same(await answer(t, { id2label: { 0: 'stars' }, problem_type: 'regression' }, withColumns(1)), { output: { kind: 'value', tensor: 'logits' }, labels: [] })
  t.equal(await answer(t, { id2label, problem_type: 'regression' }), null, 'several numbers are plain tensors')
})

t.test('labels without names are LABEL_0, LABEL_1, …, as many as the model has', async t => {
  t.same((await answer(t, { architectures: [`Bert${HEAD}`] }))?.labels, ['LABEL_0', 'LABEL_1', 'LABEL_2'])
  t.same((await answer(t, {}, withColumns('labels')))?.labels, ['LABEL_0', 'LABEL_1'], 'transformers writes nothing for two')
  t.same((await answer(t, { num_labels: 4 }, withColumns('labels')))?.labels, ['LABEL_0', 'LABEL_1', 'LABEL_2', 'LABEL_3'])
})

t.test('only what is named as a classifier, or puts out logits, is one', async t => {
  const other = { ...withColumns(3), output: { name: 'sentence_embedding', shape: ['batch', 3] }, nodes: [{ op: 'Gemm', from: ['input_ids'], to: ['sentence_embedding'] }] }
  t.equal(await answer(t, { architectures: ['BertModel'] }, other), null)
  t.match(await answer(t, { architectures: [`Bert${HEAD}`] }, other), { output: { tensor: 'sentence_embedding' } })
})

t.test('labels that do not fit the model are refused', async t => {
  await t.rejects(answer(t, { id2label: { 0: 'a', 1: 'b' } }), { message: /config\.json.*has 2 labels, but the model has 3 classes/ })
  await t.rejects(answer(t, { id2label: { 0: 'a', 2: 'b' } }), { message: /id2label must have a text for each class/ })
})

t.test('a model is called by its architecture, else by its type', async t => {
  t.equal(architectureOf({ architectures: ['BertModel'], model_type: 'bert' }), 'BertModel')
  t.equal(architectureOf({ architectures: [], model_type: 'bert' }), 'bert')
  t.equal(architectureOf({ architectures: [3] }), null)
})
