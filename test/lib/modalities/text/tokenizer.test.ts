import { truncateSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { openTokenizer } from '../../../../lib/modalities/text/tokenizer.ts'
import { folderOf, lineOf } from '../../../fixtures/graph.ts'

/** A tokenizer of whole words. */
const WORDS = {
  added_tokens: [],
  normalizer: null,
  pre_tokenizer: { type: 'WhitespaceSplit' },
  post_processor: { type: 'BertProcessing', cls: ['[CLS]', 1], sep: ['[SEP]', 2] },
  model: { type: 'WordPiece', unk_token: '?', continuing_subword_prefix: '##', max_input_chars_per_word: 100, vocab: { '?': 0, '[CLS]': 1, '[SEP]': 2, a: 3, b: 4, c: 5 } }
}

t.test('a tokenizer that cannot be used is an error that names its file', async t => {
  const lineFor = async (content: unknown, maxTokens = 8) => {
    const root = folderOf(t, content === null ? {} : { 'tok/tokenizer.json': typeof content === 'string' ? content : JSON.stringify(content) })
    const line = await lineOf(t, 'SRV_MODEL_INVALID', openTokenizer(root, { file: 'tok/tokenizer.json', maxTokens, padId: 0 }))
    t.ok(line.startsWith(join(root, 'tok/tokenizer.json: ')), line)
    return line
  }
  t.match(await lineFor(null), 'is missing')
  t.match(await lineFor('{'), 'is not JSON')
  t.match(await lineFor({ ...WORDS, model: { type: 'WordLevel', vocab: {} } }), '/model/type must be equal to one of the allowed values')
  t.match(await lineFor({ ...WORDS, model: { ...WORDS.model, type: 'Unigram', byte_fallback: true } }), 'a Unigram model with byte_fallback')
  t.match(await lineFor({ ...WORDS, normalizer: { type: 'Nmt' } }), 'Unknown Normalizer type: Nmt')
  t.match(await lineFor(WORDS, 3), 'adds 3 special tokens')
})

t.test('a tokenizer over the limit is not read', async t => {
  const root = folderOf(t, { 'tokenizer.json': '' })
  truncateSync(join(root, 'tokenizer.json'), 64 * 1024 * 1024 + 1)
  t.match(await lineOf(t, 'SRV_MODEL_INVALID', openTokenizer(root, { file: 'tokenizer.json', maxTokens: 8, padId: 0 })), 'over the limit of 67108864')
})

t.test('a text is cut at the side that the card says, and the special tokens stay', async t => {
  const root = folderOf(t, { 'tokenizer.json': JSON.stringify(WORDS) })
  const open = async (truncationSide: 'left' | 'right') => await openTokenizer(root, { file: 'tokenizer.json', maxTokens: 4, padId: 0, truncationSide })
  t.same((await open('right')).encode({ text: 'a b c' }), { ids: [1, 3, 4, 2], types: [0, 0, 0, 0] })
  t.same((await open('left')).encode({ text: 'a b c' }), { ids: [1, 4, 5, 2], types: [0, 0, 0, 0] })
})
