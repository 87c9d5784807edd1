import t from 'tap'
import { normalizerOf } from '../../../../lib/modalities/text/normalizer.ts'

t.test("BERT's leaves out controls and accents, and makes a word of each Chinese character", async t => {
  const bert = normalizerOf({ type: 'BertNormalizer', clean_text: true, handle_chinese_chars: true, strip_accents: null, lowercase: true })
  t.equal(bert('\0\ufffdÄ\u200bb\t中𠀀'), 'ab  中  𠀀 ')
  const cased = normalizerOf({ type: 'BertNormalizer', lowercase: false })
  t.equal(cased('Ä'), 'Ä')
  t.equal(normalizerOf({ type: 'BertNormalizer', clean_text: false, handle_chinese_chars: false, strip_accents: true, lowercase: false })('Ä\t中'), 'A\t中')
})

t.test('small letters do not depend on the place in a word', async t => {
  t.equal(normalizerOf({ type: 'Lowercase' })('ΣΟΦΟΣ'), 'σοφοσ')
})

t.test('a sequence does one after the other, and a replacement is taken as it is', async t => {
  const normalize = normalizerOf({
    type: 'Sequence',
    normalizers: [
      { type: 'Strip', strip_left: true, strip_right: true }, { type: 'NFKD' }, { type: 'StripAccents' }, { type: 'Replace', pattern: { Regex: ' {2,}' }, content: '$&' }, { type: 'Prepend', prepend: '_' }, { type: 'Precompiled', precompiled_charsmap: null }
    ]
  })
  t.equal(normalize(' ﬁ  é '), '_fi$&e')
  t.equal(normalize('  '), '')
  t.equal(normalizerOf(null)(' a'), ' a')
})
