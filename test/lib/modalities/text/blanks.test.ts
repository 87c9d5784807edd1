import t from 'tap'
import { stripped } from '../../../../lib/modalities/text/blanks.ts'

t.test("blanks are Unicode's: the mark of a file's start is none, and the line of mainframes is one", async t => {
  t.equal(stripped(' \u0085\u3000a b\u2028\n', true, true), 'a b')
  t.equal(stripped('\ufeffa\ufeff', true, true), '\ufeffa\ufeff')
  t.equal(stripped(' a ', true, false), 'a ')
  t.equal(stripped(' a ', false, true), ' a')
  t.equal(stripped('  ', true, false), '')
  t.equal(stripped('  ', false, true), '')
  t.equal(stripped('', true, true), '')
})
