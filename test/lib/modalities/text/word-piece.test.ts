import t from 'tap'
import { wordPiece } from '../../../../lib/modalities/text/word-piece.ts'

const model = wordPiece({ type: 'WordPiece', unk_token: '?', vocab: { '?': 0, want: 1, '##want': 2, '##ed': 3, wa: 4, un: 5, runn: 6, '##ing': 7, '😀': 8 }, max_input_chars_per_word: 12 })

t.test('a word is made of the longest tokens that fit, or is unknown', async t => {
  // The example of BERT's own tests.
  t.same(model.encode(['unwanted', 'running']), ['un', '##want', '##ed', 'runn', '##ing'])
  t.same(model.encode(['unwantedX']), ['?'])
  t.same(model.encode(['']), [])
})

t.test('a longer word than the limit is unknown, counted in characters', async t => {
  t.same(model.encode(['wantwantwantw']), ['?'])
  t.same(wordPiece({ type: 'WordPiece', unk_token: '?', vocab: { '?': 0, '😀': 1, '##😀': 2 }, max_input_chars_per_word: 2 }).encode(['😀😀', '😀😀😀']), ['😀', '##😀', '?'])
})
