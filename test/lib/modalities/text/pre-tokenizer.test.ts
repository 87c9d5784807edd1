import t from 'tap'
import { preTokenizerOf, type PreTokenizerConfig } from '../../../../lib/modalities/text/pre-tokenizer.ts'

const pieces = (config: PreTokenizerConfig, text: string, isFirst = true) => preTokenizerOf(config)(text, isFirst)

t.test('words are made of letters of any script', async t => {
  t.same(pieces({ type: 'Whitespace' }, 'né_1!? नमस्ते'), ['né_1', '!?', 'नमस्ते'])
  t.same(pieces({ type: 'WhitespaceSplit' }, 'a\u0085b\ufeffc'), ['a', 'b\ufeffc'])
  t.same(pieces({ type: 'BertPreTokenizer' }, 'né!? $a'), ['né', '!', '?', '$', 'a'])
  t.same(pieces(null, 'a b'), ['a b'])
})

t.test('the parts that match stay, go, or join their neighbours', async t => {
  const split = (behavior: 'Removed' | 'Isolated' | 'MergedWithPrevious' | 'MergedWithNext' | 'Contiguous', invert = false) =>
    pieces({ type: 'Split', pattern: { String: '-' }, behavior, invert }, 'the-final--countdown')
  // The example of Hugging Face's documentation.
  t.same(split('Removed'), ['the', 'final', 'countdown'])
  t.same(split('Isolated'), ['the', '-', 'final', '-', '-', 'countdown'])
  t.same(split('MergedWithPrevious'), ['the-', 'final-', '-', 'countdown'])
  t.same(split('MergedWithNext'), ['the', '-final', '-', '-countdown'])
  t.same(split('Contiguous'), ['the', '-', 'final', '--', 'countdown'])
  t.same(split('Removed', true), ['-', '-', '-'])
  t.same(pieces({ type: 'CharDelimiterSplit', delimiter: '-' }, '-a--b'), ['a', 'b'])
  t.same(pieces({ type: 'Punctuation' }, 'a!?b'), ['a', '!', '?', 'b'])
  t.same(pieces({ type: 'Digits' }, 'a12½b'), ['a', '12½', 'b'])
  t.same(pieces({ type: 'Digits', individual_digits: true }, 'a12'), ['a', '1', '2'])
})

t.test('a word of SentencePiece begins with the mark of a blank, the first one if the tokenizer says so', async t => {
  t.same(pieces({ type: 'Metaspace', replacement: '▁' }, 'a  b'), ['▁a', '▁', '▁b'])
  t.same(pieces({ type: 'Metaspace', replacement: '▁', split: false }, ' a b'), ['▁a▁b'])
  t.same(pieces({ type: 'Metaspace', replacement: '▁', add_prefix_space: false }, 'a b'), ['a', '▁b'])
  t.same(pieces({ type: 'Metaspace', replacement: '▁', prepend_scheme: 'first' }, 'a', false), ['a'])
  t.same(pieces({ type: 'Sequence', pretokenizers: [{ type: 'WhitespaceSplit' }, { type: 'Metaspace', replacement: '▁', prepend_scheme: 'first' }] }, 'a b'), ['▁a', 'b'])
})

t.test('bytes become characters', async t => {
  t.same(pieces({ type: 'ByteLevel' }, "né isn't\n"), ['ĠnÃ©', 'Ġisn', "'t", 'Ċ'])
  t.same(pieces({ type: 'ByteLevel', add_prefix_space: false, use_regex: false }, 'a b'), ['aĠb'])
})
