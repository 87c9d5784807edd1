import { readFileSync } from 'node:fs'
import t from 'tap'
import { precompiledNormalizer } from '../../../../lib/modalities/text/precompiled.ts'
import { projectFile } from '../../../../lib/project.ts'

const { normalizer: { normalizers: [{ precompiled_charsmap: charsmap }] } } = JSON.parse(readFileSync(projectFile('test/fixtures/text/xlm-roberta/tokenizer.json'), 'utf8'))

t.test("characters are replaced by SentencePiece's table, graphemes first", async t => {
  const normalize = precompiledNormalizer(charsmap)
  t.equal(normalize('ﬁne ½\n'), 'fine 1⁄2 ')
  t.equal(normalize('xe\u0301y'), 'xéy')
  t.equal(normalize('x'), 'x')
  t.equal(normalize(''), '')
  // A grapheme begins with a mark that belongs to the next character, and is too long to be looked up as a whole.
  t.equal(normalize('\u070fe\u0301'), '\u070fe\u0301')
  t.equal(normalize('½'.repeat(1000)), '1⁄2'.repeat(1000), 'also in a long text')
})

t.test('a damaged table is refused', async t => {
  t.throws(() => precompiledNormalizer('AA=='), { message: /precompiled_charsmap is damaged/ })
  t.throws(() => precompiledNormalizer(Buffer.from([255, 255, 0, 0, 1]).toString('base64')), { message: /precompiled_charsmap is damaged/ })
})
