import t, { type Test } from 'tap'
import { findFiles } from '../../../../lib/card/files.ts'
import type { PartialCard } from '../../../../lib/card/infer/source.ts'
import { inferTextColumn } from '../../../../lib/card/infer/text-column.ts'
import { readGraph } from '../../../../lib/card/onnx/graph.ts'
import { exportedFolder, type Exported, type Operator } from '../../../fixtures/exported.ts'
import type { Value } from '../../../fixtures/onnx.ts'

const find = async (t: Test, inputs: Value[], nodes: Operator[], known: PartialCard = {}) => {
  const model: Exported = { inputs, outputs: [['label', 'string', ['']]], nodes }
  const files = await findFiles(exportedFolder(t, model))
  return await inferTextColumn({ files, graph: await readGraph(files.model) }, known)
}
const TEXT: Value = ['text', 'string', ['', 1]]
/** The nodes that skl2onnx writes for a TfidfVectorizer. */
const WORDS: Operator[] = [
  ['Reshape', ['text', 'shape'], ['flat']], ['StringNormalizer', ['flat'], ['lower'], { case_change_action: 'LOWER' }], ['Tokenizer', ['lower'], ['words']],
  ['TfIdfVectorizer', ['words'], ['counts']], ['Gemm', ['counts', 'w'], ['label']]
]

t.test('the only input, of texts that words are made of, is a text', async t => {
  const card = { input: { kind: 'text', tensor: 'text' } } as const
  t.same((await find(t, [TEXT], WORDS))?.card, card)
  t.same((await find(t, [['text', 'string', ['N']]], WORDS))?.card, card, '[batch]')
  t.same((await find(t, [['text', 'string', [1]]], WORDS))?.card, card, 'as StringTensorType([1]) declares it')
  t.match(await find(t, [TEXT], WORDS, { input: { kind: 'text' } }), { from: /'text'.*words/, card })
})

t.test('a column of categories, one of several columns and several texts are no text', async t => {
  t.equal(await find(t, [TEXT], [['ml.OneHotEncoder', ['text'], ['e'], { cats_strings: ['a', 'b'] }]]), null)
  t.equal(await find(t, [TEXT, ['age', 'float32', ['', 1]]], WORDS), null)
  t.equal(await find(t, [['text', 'string', ['', 2]]], WORDS), null)
  t.equal(await find(t, [['text', 'float32', ['', 1]]], WORDS), null)
  t.equal(await find(t, [['text', 'string', ['', 1, 1]]], WORDS), null)
  t.equal(await find(t, [], []), null)
})

t.test('what the card says comes first', async t => {
  for (const known of [{ input: { kind: 'table' } }, { input: { kind: 'tensors' } }, { output: { kind: 'tensors' } }] as const) t.equal(await find(t, [TEXT], WORDS, known), null)
})

t.test('a graph of many ways from the input is looked at only so far', async t => {
  const long = Array.from({ length: 200 }, (_, at): Operator => ['Identity', [at === 0 ? 'text' : `v${at}`], [`v${at + 1}`]])
  t.equal(await find(t, [TEXT], [...long, ['Tokenizer', ['v200'], ['words']]]), null)
})
