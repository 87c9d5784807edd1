import t, { type Test } from 'tap'
import type { PartialCard } from '../../../../lib/card/infer/source.ts'
import { inferText } from '../../../../lib/card/infer/text.ts'
import { evidenceOf, type TestModel, type TestValue } from '../../../fixtures/evidence.ts'

const tokens = (name: string, type = 7): TestValue => ({ name, type, shape: ['batch_size', 'sequence_length'] })
/** What optimum exports of BERT. */
const MODEL = {
  input: [tokens('input_ids'), tokens('attention_mask'), tokens('token_type_ids')],
  output: { name: 'logits', shape: ['batch_size', 3] },
  nodes: [{ op: 'Gemm', from: ['input_ids'], to: ['logits'] }]
} satisfies TestModel
const CONFIG = { architectures: ['BertForSequenceClassification'], model_type: 'bert', id2label: { 0: 'bad', 1: 'fair', 2: 'good' }, max_position_embeddings: 512, pad_token_id: 0 }
const TOKENIZER = { model: { type: 'WordPiece', vocab: { '[PAD]': 0, '[UNK]': 1, '[CLS]': 2, '[SEP]': 3 } } }
const SETTINGS = { model_max_length: 128, pad_token: '[PAD]' }
const FILES = { 'config.json': CONFIG, 'tokenizer.json': TOKENIZER, 'tokenizer_config.json': SETTINGS }
const find = async (t: Test, files: Record<string, string | object> = FILES, model: TestModel = MODEL, known: PartialCard = {}) => await inferText(await evidenceOf(t, model, files), known)

t.test('a folder of transformers gives the whole card', async t => {
  t.strictSame(await find(t), {
    from: 'config.json (BertForSequenceClassification), tokenizer.json (WordPiece, model_max_length 128)',
    card: {
      input: { kind: 'text', tokenizer: { file: 'tokenizer.json', maxTokens: 128, padId: 0 } },
      output: { kind: 'classes', tensor: 'logits', activation: 'softmax' },
      labels: ['bad', 'fair', 'good']
    },
    assumptions: []
  })
})

t.test('a variant in the folder onnx belongs to the files one folder up', async t => {
  const finding = await inferText(await evidenceOf(t, MODEL, FILES, 'onnx/model_quantized.onnx'), {})
  t.match(finding?.card.input, { kind: 'text', tokenizer: { file: 'tokenizer.json', maxTokens: 128 } })
})

t.test('several labels, and a number', async t => {
  t.match(await find(t, { ...FILES, 'config.json': { ...CONFIG, problem_type: 'multi_label_classification' } }), { card: { output: { kind: 'labels', activation: 'sigmoid' } } })
  const one: TestModel = { ...MODEL, output: { name: 'logits', shape: ['batch_size', 1] } }
  const config = { ...CONFIG, id2label: { 0: 'LABEL_0' } }
  t.match(await find(t, { ...FILES, 'config.json': { ...config, problem_type: 'regression' } }, one), { card: { output: { kind: 'value' }, labels: [] }, assumptions: [] })
  t.match(await find(t, { ...FILES, 'config.json': config }, one), {
    card: { output: { kind: 'labels', activation: 'sigmoid' }, labels: ['LABEL_0'] }, assumptions: [{ field: '/output/kind', card: '{"output":{"kind":"value"}}' }]
  }, 'one label without a problem_type is a probability, as for the pipeline of transformers, which is an assumption')
})

t.test('a model whose labels compare two texts takes two, which is an assumption', async t => {
  const labelled = async (...labels: string[]) => await find(t, { ...FILES, 'config.json': { ...CONFIG, id2label: { ...labels } } }, { ...MODEL, output: { name: 'logits', shape: ['batch_size', labels.length] } })
  for (const labels of [['contradiction', 'neutral', 'entailment'], ['ENTAILMENT', 'not entailment'], ['not_duplicate', 'duplicate'], ['not_equivalent', 'equivalent'], ['paraphrase', 'not-paraphrase']]) {
    t.match(await labelled(...labels), { card: { input: { pair: true } }, assumptions: [{ field: '/input/pair', card: '{"input":{"pair":true}}' }] }, labels.join())
  }
  for (const labels of [['bug', 'duplicate', 'wish'], ['negative', 'neutral', 'positive'], ['LABEL_0', 'LABEL_1']]) {
    const finding = await labelled(...labels)
    t.notOk(finding?.card.input && 'pair' in finding.card.input, labels.join())
    t.same(finding?.assumptions, [])
  }
})

t.test('a file that says that two texts are compared is no assumption', async t => {
  const pair = { card: { input: { pair: true } }, assumptions: [] }
  for (const fields of [
    { finetuning_task: 'mrpc' }, { architectures: ['BertForNextSentencePrediction'] }, { sbert_ce_default_activation_function: 'torch.nn.modules.linear.Identity' },
    { sentence_transformers: { activation_fn: 'torch.nn.modules.activation.Sigmoid', version: '5.1.2' } }
  ]) t.match(await find(t, { ...FILES, 'config.json': { ...CONFIG, ...fields } }), pair, JSON.stringify(fields))
  const finding = await find(t, { ...FILES, 'config.json': { ...CONFIG, finetuning_task: 'sst2' } })
  t.notOk(finding?.card.input && 'pair' in finding.card.input, 'a task of single texts')
})

t.test('the only logit of a cross-encoder is a number with the identity, and a probability with the sigmoid', async t => {
  const one: TestModel = { ...MODEL, output: { name: 'logits', shape: ['batch_size', 1] } }
  const cross = async (activation: string) => await find(t, { ...FILES, 'config.json': { ...CONFIG, id2label: { 0: 'LABEL_0' }, sentence_transformers: { activation_fn: activation } } }, one)
  t.match(await cross('torch.nn.modules.linear.Identity'), { card: { output: { kind: 'value', tensor: 'logits' }, labels: [] }, assumptions: [] })
  t.match(await cross('torch.nn.modules.activation.Sigmoid'), { card: { output: { kind: 'labels', activation: 'sigmoid' }, labels: ['LABEL_0'] }, assumptions: [] })
})

t.test('models of tokens that do not classify texts are served as plain tensors, and the reason is said', async t => {
  const plain = (from: RegExp) => ({ from, card: { input: { kind: 'tensors' }, output: { kind: 'tensors' }, labels: [] } })
  const each: TestModel = { ...MODEL, output: { name: 'logits', shape: ['batch_size', 'sequence_length', 5] } }
  t.match(await find(t, { ...FILES, 'config.json': { ...CONFIG, architectures: ['BertForTokenClassification'] } }, each), plain(/BertForTokenClassification\): it does not classify texts/))
  const answer: TestModel = { ...MODEL, output: [{ name: 'start_logits', shape: ['batch_size', 'sequence_length'] }, { name: 'end_logits', shape: ['batch_size', 'sequence_length'] }] }
  t.match(await find(t, { ...FILES, 'config.json': { ...CONFIG, architectures: ['BertForQuestionAnswering'] } }, answer), plain(/it does not classify texts/))
  const choice: TestModel = { ...MODEL, output: { name: 'logits', shape: ['batch_size', 'sequence_length'] } }
  t.match(await find(t, FILES, choice), plain(/it does not classify texts/), 'a number for each token')
  const vector: TestModel = { ...MODEL, output: { name: 'sentence_embedding', shape: ['batch_size', 3] } }
  t.match(await find(t, FILES, vector), plain(/it does not classify texts/))
  const decoder: TestModel = { ...MODEL, input: [tokens('input_ids'), tokens('decoder_input_ids')] }
  t.match(await find(t, FILES, decoder), plain(/its input 'decoder_input_ids' is none that a tokenizer fills/))
  const boxes: TestModel = { ...MODEL, input: [tokens('input_ids'), { name: 'attention_mask', type: 1, shape: ['batch_size', 'sequence_length'] }] }
  t.match(await find(t, FILES, boxes), plain(/its input 'attention_mask' is none/), 'a mask of floats')
})

t.test('without a tokenizer.json it says how to make one', async t => {
  const { 'tokenizer.json': _tokenizer, ...rest } = FILES
  const files = { ...rest, 'vocab.txt': '[PAD]\n' }
  t.match(await find(t, files), {
    from: /there is no tokenizer\.json, but vocab\.txt of an older tokenizer, so its tensors are served as they are/,
    card: { input: { kind: 'tensors' } },
    assumptions: [{ field: '/input', because: /AutoTokenizer\.from_pretrained\(DIR, use_fast=True\)\.save_pretrained\(DIR\)/, card: '{"input":{"kind":"tensors"}}' }]
  })
  await t.rejects(find(t, files, MODEL, { input: { kind: 'text' } }), { message: /takes tokens, and there is no tokenizer\.json.*save_pretrained\(DIR\)/ }, 'a card that asks for texts')
})

t.test('without a token that fills up it says where to name one', async t => {
  const { pad_token_id: _pad, ...config } = CONFIG
  const files = { 'config.json': config, 'tokenizer.json': { model: { type: 'BPE', vocab: { a: 0 } } } }
  t.match(await find(t, files), { card: { input: { kind: 'tensors' } }, assumptions: [{ because: /no file names the token that fills up shorter texts; name it in card\.json \(input\.tokenizer\.padId\)/ }] })
  t.match(await find(t, files, MODEL, { input: { kind: 'text', tokenizer: { padId: 7 } } }), { card: { input: { tokenizer: { padId: 7 } } } })
})

t.test('without a config.json the tokenizer alone says that the input is a text', async t => {
  const { 'config.json': _config, ...files } = FILES
  t.strictSame((await find(t, files))?.card, { input: { kind: 'text', tokenizer: { file: 'tokenizer.json', maxTokens: 128, padId: 0 } } }, 'later sources find the answer')
  t.match(await find(t, files, { ...MODEL, output: { name: 'sentence_embedding', shape: ['batch_size', 8] } }), { from: /^tokenizer\.json: it does not classify texts/ })
  t.equal(await find(t, {}), null, 'nor this without any file')
})

t.test('what the card says comes first', async t => {
  t.equal(await find(t, FILES, MODEL, { input: { kind: 'tensors' } }), null)
  t.equal(await find(t, FILES, MODEL, { output: { kind: 'tensors' } }), null)
  t.equal(await find(t, FILES, MODEL, { input: { kind: 'text', tensor: 'input_ids' } }), null)
  t.equal(await find(t, FILES, { ...MODEL, input: { name: 'pixel_values', shape: [1, 3, 8, 8] } }), null, 'and a model without tokens is none of its')
})
