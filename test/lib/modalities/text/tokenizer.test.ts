import { readFileSync, truncateSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { openTokenizer } from '../../../../lib/modalities/text/tokenizer.ts'
import { projectFile } from '../../../../lib/project.ts'
import { folderOf, lineOf } from '../../../fixtures/graph.ts'

/** A tokenizer of whole words. */
const WORDS = {
  added_tokens: [],
  normalizer: null,
  pre_tokenizer: { type: 'WhitespaceSplit' },
  post_processor: { type: 'BertProcessing', cls: ['[CLS]', 1], sep: ['[SEP]', 2] },
  model: { type: 'WordPiece', unk_token: '?', continuing_subword_prefix: '##', max_input_chars_per_word: 100, vocab: { '?': 0, '[CLS]': 1, '[SEP]': 2, a: 3, b: 4, c: 5 } }
}

/** What transformers makes of a text: the text, the second text, the largest number of tokens, the side, the ids, the types. */
type Case = [text: string, pair: string | null, maxTokens: number, truncationSide: 'left' | 'right', ids: number[], types: number[]]

t.test('the tokens are those of transformers, of awkward texts and pairs, cut at both sides', async t => {
  const folder = projectFile('test/fixtures/text')
  const all: Record<string, Case[]> = JSON.parse(readFileSync(join(folder, 'expected.json'), 'utf8'))
  for (const [name, cases] of Object.entries(all)) {
    t.equal(cases.length, 41)
    const made: unknown[] = []
    for (const [text, pair, maxTokens, truncationSide] of cases) {
      const { encode } = await openTokenizer(join(folder, name), { file: 'tokenizer.json', maxTokens, padId: 0, truncationSide })
      const { ids, types } = encode(pair === null ? { text } : { text, pair })
      made.push([text, pair, maxTokens, truncationSide, ids, types])
    }
    t.same(made, cases, name)
  }
})

t.test('a text of nonsense as long as the limit is tokenized', async t => {
  for (const name of ['bert', 'roberta', 'albert']) {
    const { encode } = await openTokenizer(projectFile(`test/fixtures/text/${name}`), { file: 'tokenizer.json', maxTokens: 16, padId: 0 })
    for (const piece of ['ab', '\u{13000}', '\u0301', '\0', '日本', `${'x'.repeat(99)} `]) t.ok(encode({ text: piece.repeat(5000 / piece.length) }).ids.length <= 16)
  }
})

t.test('a tokenizer that cannot be used is an error that names its file', async t => {
  const lineFor = async (content: unknown, maxTokens = 8) => {
    const root = folderOf(t, content === null ? {} : { 'tok/tokenizer.json': typeof content === 'string' ? content : JSON.stringify(content) })
    const line = await lineOf(t, 'SRV_MODEL_INVALID', openTokenizer(root, { file: 'tok/tokenizer.json', maxTokens, padId: 0 }))
    t.ok(line.startsWith(join(root, 'tok/tokenizer.json: ')), line)
    return line
  }
  t.match(await lineFor(null), 'is missing')
  t.match(await lineFor('{'), 'is not JSON')
  t.match(await lineFor({ ...WORDS, model: { type: 'WordLevel', vocab: {} } }), 'is no tokenizer that can be read: /model')
  t.match(await lineFor({ ...WORDS, model: { ...WORDS.model, unk_token: '[UNK]' } }), "its vocabulary lacks the unknown token '[UNK]'")
  t.match(await lineFor({ ...WORDS, pre_tokenizer: { type: 'Split', pattern: { Regex: '(' }, behavior: 'Isolated' } }), 'is a tokenizer that is not supported: Invalid regular expression')
  t.match(await lineFor({ ...WORDS, post_processor: { type: 'Sequence', processors: [WORDS.post_processor, WORDS.post_processor] } }), 'adds special tokens twice')
  t.match(await lineFor({ ...WORDS, model: { type: 'Unigram', vocab: [['a', 0]], unk_id: null } }), 'a Unigram model without unk_id')
  t.match(await lineFor({ ...WORDS, model: { type: 'BPE', vocab: {}, merges: [], continuing_subword_prefix: '##' } }), 'a BPE model with continuing_subword_prefix')
  t.match(await lineFor({ ...WORDS, model: { type: 'Unigram', vocab: [['a', 0]], unk_id: 0, byte_fallback: true } }), 'a Unigram model with byte_fallback')
  t.match(await lineFor({ ...WORDS, normalizer: { type: 'Nmt' } }), 'is no tokenizer that can be read: /normalizer')
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
