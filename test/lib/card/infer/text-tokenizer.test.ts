import t, { type Test } from 'tap'
import type { PartialCard } from '../../../../lib/card/infer/source.ts'
import { readTokenizer } from '../../../../lib/card/infer/text-tokenizer.ts'
import { evidenceOf, type TestModel } from '../../../fixtures/evidence.ts'

const VOCAB = { '<s>': 0, '<pad>': 1, '</s>': 2, '<unk>': 3 }
const TOKENIZER = { model: { type: 'BPE', vocab: VOCAB } }
const taking = (length: number | string): TestModel => ({ input: { name: 'input_ids', type: 7, shape: ['batch', length] }, output: { name: 'logits', shape: ['batch', 2] } })

interface Given {
  tokenizer?: object | string
  settings?: object
  config?: Record<string, unknown>
  length?: number | string
  known?: PartialCard
  files?: Record<string, object>
}

async function read (t: Test, { tokenizer = TOKENIZER, settings, config = {}, length = 'tokens', known = {}, files = {} }: Given) {
  const all = { ...files, 'tokenizer.json': tokenizer, ...settings && { 'tokenizer_config.json': settings } }
  const found = await readTokenizer(await evidenceOf(t, taking(length), all), config, known)
  return 'tokenizer' in found ? { ...found.tokenizer, from: found.from, assumptions: found.assumptions } : found
}

t.test('a text is cut where tokenizer_config.json says, else tokenizer.json', async t => {
  const cut = { ...TOKENIZER, truncation: { max_length: 100, direction: 'Right', strategy: 'LongestFirst', stride: 0 } }
  t.match(await read(t, { settings: { model_max_length: 256 } }), { maxTokens: 256, from: 'tokenizer.json (BPE, model_max_length 256)' })
  t.match(await read(t, { tokenizer: cut, settings: { model_max_length: 256 } }), { maxTokens: 256 }, 'transformers ignores what the tokenizer was last told')
  t.match(await read(t, { tokenizer: cut }), { maxTokens: 100, from: 'tokenizer.json (BPE, cut at 100)' })
  // transformers writes int(1e30) for no limit.
  t.match(await read(t, { tokenizer: cut, settings: { model_max_length: 1000000000000000019884624838656 } }), { maxTokens: 100 })
})

t.test('a model has no more tokens than positions', async t => {
  t.match(await read(t, { config: { model_type: 'bert', max_position_embeddings: 512 } }), { maxTokens: 512, from: 'tokenizer.json (BPE, 512 positions)', assumptions: [] })
  t.match(await read(t, { config: { model_type: 'gpt2', n_positions: 1024 } }), { maxTokens: 1024 })
  t.match(await read(t, { settings: { model_max_length: 1024 }, config: { model_type: 'bert', max_position_embeddings: 512 } }), { maxTokens: 512 })
  t.match(await read(t, { settings: { model_max_length: 128 }, config: { model_type: 'bert', max_position_embeddings: 512 } }), { maxTokens: 128 })
})

t.test('the positions of RoBERTa and its relatives begin after the token that fills up', async t => {
  // https://github.com/huggingface/transformers/blob/v4.57.6/src/transformers/models/roberta/modeling_roberta.py
  for (const type of ['roberta', 'xlm-roberta', 'camembert', 'mpnet']) {
    t.match(await read(t, { config: { model_type: type, max_position_embeddings: 514, pad_token_id: 1 } }), { maxTokens: 512, from: 'tokenizer.json (BPE, 514 positions, from 2 on)' }, type)
  }
  t.match(await read(t, { config: { model_type: 'roberta', max_position_embeddings: 514, pad_token_id: 0 } }), { maxTokens: 513 })
  t.match(await read(t, { config: { model_type: 'roberta', max_position_embeddings: 514 } }), { maxTokens: 512 }, 'its default is 1')
  t.match(await read(t, { config: { model_type: 'roberta', max_position_embeddings: 2 } }), { maxTokens: 512, assumptions: [{}] }, 'none are left')
})

t.test('relative positions are no limit, but better than nothing', async t => {
  const config = { model_type: 'deberta-v2', max_position_embeddings: 512, position_biased_input: false }
  t.match(await read(t, { settings: { model_max_length: 1024 }, config }), { maxTokens: 1024 })
  t.match(await read(t, { config }), { maxTokens: 512 })
})

t.test('a number of tokens that the graph fixes is the limit', async t => {
  t.match(await read(t, { length: 64, settings: { model_max_length: 128 } }), { maxTokens: 64, from: 'tokenizer.json (BPE, 64 tokens in the graph)' })
  t.match(await read(t, { length: 64, settings: { model_max_length: 32 } }), { maxTokens: 32 })
})

t.test('without any word of it, a text is cut at 512, which is an assumption', async t => {
  t.match(await read(t, {}), { maxTokens: 512, assumptions: [{ field: '/input/tokenizer/maxTokens', card: '{"input":{"tokenizer":{"maxTokens":512}}}' }] })
})

t.test('the token that fills up is named by tokenizer_config.json, tokenizer.json or config.json', async t => {
  const padding = { strategy: 'BatchLongest', direction: 'Left', pad_id: 3, pad_type_id: 2, pad_token: '<unk>' }
  t.match(await read(t, { settings: { pad_token: '</s>' }, tokenizer: { ...TOKENIZER, padding } }), { padId: 2 })
  t.match(await read(t, { settings: { pad_token: { content: '</s>', lstrip: false } } }), { padId: 2 }, 'as an object')
  t.match(await read(t, { settings: { pad_token: '<new>' }, tokenizer: { ...TOKENIZER, added_tokens: [{ id: 9, content: '<new>' }] } }), { padId: 9 }, 'an added one')
  t.match(await read(t, { files: { 'special_tokens_map.json': { pad_token: '</s>' } } }), { padId: 2 })
  t.match(await read(t, { tokenizer: { ...TOKENIZER, padding }, config: { pad_token_id: 0 } }), { padId: 3, padTypeId: 2, paddingSide: 'left' })
  t.match(await read(t, { config: { pad_token_id: 0 } }), { padId: 0 })
  t.match(await read(t, {}), { padId: 1 }, 'else it is the token that is called so')
  t.match(await read(t, { tokenizer: { model: { type: 'Unigram', vocab: [['<s>', 0], ['<pad>', 0], ['a', -1.5]] } } }), { padId: 1 }, 'also in a list of pieces')
  t.match(await read(t, { tokenizer: { model: { type: 'Unigram', vocab: [['a', -1.5]] } } }), { reason: 'no file names the token that fills up shorter texts', isMissing: false })
  t.match(await read(t, { tokenizer: { model: { vocab: { toString: 1 } } }, settings: { pad_token: 'constructor' } }), { isMissing: false }, 'what every object has is no token')
})

t.test('texts are cut and filled up at the side that the files say', async t => {
  t.match(await read(t, { settings: { padding_side: 'left', truncation_side: 'left' } }), { paddingSide: 'left', truncationSide: 'left' })
  const left = { ...TOKENIZER, truncation: { max_length: 8, direction: 'Left' }, padding: { direction: 'Left', pad_id: 1 } }
  t.match(await read(t, { tokenizer: left }), { paddingSide: 'left', truncationSide: 'left' })
  const right = await read(t, { tokenizer: left, settings: { padding_side: 'right', truncation_side: 'right' } })
  t.notOk('paddingSide' in right || 'truncationSide' in right, 'right is the default')
})

t.test('the card may name another file, which only the folder of the model can hold', async t => {
  t.match(await read(t, { files: { 'own.json': { ...TOKENIZER, model: { type: 'WordPiece', vocab: VOCAB } } }, known: { input: { kind: 'text', tokenizer: { file: 'own.json' } } } }), { file: 'own.json', from: /WordPiece/ })
  t.match(await read(t, { known: { input: { kind: 'text', tokenizer: { file: 'none.json' } } } }), { isMissing: true })
})

t.test('without a tokenizer.json it names what there is of an older tokenizer', async t => {
  const lack = async (files: Record<string, string>) => await readTokenizer(await evidenceOf(t, taking('tokens'), files), {}, {})
  t.same(await lack({}), { reason: 'there is no tokenizer.json', isMissing: true })
  t.same(await lack({ 'vocab.json': '{}', 'merges.txt': '' }), { reason: 'there is no tokenizer.json, but merges.txt and vocab.json of an older tokenizer', isMissing: true })
  t.match(await lack({ 'sentencepiece.bpe.model': '' }), { reason: /sentencepiece\.bpe\.model/ })
})

t.test('a malformed tokenizer.json is refused by its name', async t => {
  await t.rejects(read(t, { tokenizer: '{' }), { message: /tokenizer\.json beside .*is not JSON; download it again/ })
  await t.rejects(read(t, { tokenizer: { version: '1.0' } }), { message: /tokenizer\.json beside .*model/ })
  await t.rejects(read(t, { tokenizer: { ...TOKENIZER, truncation: { max_length: 0 } } }), { message: /\/truncation/ })
})
