import t from 'tap'
import { textEncoder } from '../../../../lib/modalities/text/encode.ts'
import type { TextInput } from '../../../../lib/modalities/text/input.ts'
import type { DType, TensorSpec } from '../../../../lib/tensor.ts'
import { folderOf } from '../../../fixtures/graph.ts'

/** A tokenizer of whole words. */
const TOKENIZER = JSON.stringify({
  added_tokens: [],
  normalizer: null,
  pre_tokenizer: { type: 'WhitespaceSplit' },
  post_processor: { type: 'BertProcessing', cls: ['[CLS]', 1], sep: ['[SEP]', 2] },
  model: { type: 'WordPiece', unk_token: '?', continuing_subword_prefix: '##', max_input_chars_per_word: 100, vocab: { '?': 0, '[CLS]': 1, '[SEP]': 2, a: 3, b: 4, c: 5 } }
})

const card = (more: Partial<NonNullable<TextInput['tokenizer']>> = {}): TextInput => ({ kind: 'text', tokenizer: { file: 'tokenizer.json', maxTokens: 6, padId: 9, ...more } })

const spec = (name: string, dtype: DType = 'int64', length: number | null = null): TensorSpec => ({ name, dtype, shape: [null, length] })

const folder = (t: Parameters<typeof folderOf>[0]) => folderOf(t, { 'tokenizer.json': TOKENIZER })

t.test('texts become tensors as long as the longest of them', async t => {
  const { encode } = await textEncoder(card({ padTypeId: 3 }), { inputs: [spec('input_ids'), spec('attention_mask'), spec('token_type_ids', 'int32')], outputs: [] }, folder(t))
  t.same(await encode([{ text: 'a b' }, { text: 'c', pair: 'b' }]), {
    feeds: {
      input_ids: { dtype: 'int64', shape: [2, 5], data: BigInt64Array.of(1n, 3n, 4n, 2n, 9n, 1n, 5n, 2n, 4n, 2n) },
      attention_mask: { dtype: 'int64', shape: [2, 5], data: BigInt64Array.of(1n, 1n, 1n, 1n, 0n, 1n, 1n, 1n, 1n, 1n) },
      token_type_ids: { dtype: 'int32', shape: [2, 5], data: Int32Array.of(0, 0, 0, 0, 3, 0, 0, 0, 1, 1) }
    },
    faults: []
  })
})

t.test('a graph of fixed length gets rows of this length, filled up at the side that the card says', async t => {
  const { encode } = await textEncoder(card({ paddingSide: 'left' }), { inputs: [spec('input_ids', 'int32', 4), spec('attention_mask', 'int32', 4)], outputs: [] }, folder(t))
  const { feeds } = await encode([{ text: 'a' }, { text: 'a b c a b' }])
  t.same(feeds['input_ids'], { dtype: 'int32', shape: [2, 4], data: Int32Array.of(9, 1, 3, 2, 1, 3, 4, 2) })
  t.same(feeds['attention_mask'], { dtype: 'int32', shape: [2, 4], data: Int32Array.of(0, 1, 1, 1, 1, 1, 1, 1) })
})

t.test('a text that the tokenizer cannot cut is a fault, and the others are encoded', async t => {
  const root = folderOf(t, { 'tokenizer.json': TOKENIZER.replace('{', '{"truncation":{"strategy":"OnlySecond"},') })
  const { encode } = await textEncoder(card(), { inputs: [spec('input_ids')], outputs: [] }, root)
  t.match(await encode([{ text: 'a a a a a a' }, { text: 'b' }]), {
    feeds: { input_ids: { shape: [1, 3] } }, faults: [{ at: 0, error: /too many tokens, and the tokenizer cuts only the second text/ }]
  })
})

t.test('a graph with an input that no tokenizer fills is refused', async t => {
  const open = async (...inputs: TensorSpec[]) => await textEncoder(card(), { inputs, outputs: [] }, folder(t))
  await t.rejects(open(spec('input_ids'), spec('position_ids')), { message: /an input 'position_ids', which no tokenizer fills/ })
  await t.rejects(open(spec('attention_mask')), { message: /no input 'input_ids'/ })
  await t.rejects(open(spec('input_ids', 'float32')), { message: /takes float32 with 2 axes/ })
  await t.rejects(open(spec('input_ids', 'int64', 4), spec('attention_mask', 'int64', 8)), { message: /different numbers of tokens: 4 and 8/ })
})

t.test('a graph that takes the text itself gets it with the axes that it declares', async t => {
  const encoder = async (shape: Array<number | null>) => await textEncoder({ kind: 'text', tensor: 'x' }, { inputs: [{ name: 'x', dtype: 'string', shape }], outputs: [] }, '')
  t.same((await (await encoder([null])).encode([{ text: 'a' }, { text: 'b' }])).feeds, { x: { dtype: 'string', shape: [2], data: ['a', 'b'] } })
  t.same((await (await encoder([null, 1])).encode([{ text: 'a' }])).feeds, { x: { dtype: 'string', shape: [1, 1], data: ['a'] } })
})
