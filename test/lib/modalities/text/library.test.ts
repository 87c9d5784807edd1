import t from 'tap'
import { modelOf, patternOf } from '../../../../lib/modalities/text/library.ts'

t.test("a pattern of Oniguruma's is translated", async t => {
  t.same('aé_1-b'.match(patternOf({ Regex: '\\w+' })), ['aé_1', 'b'])
  t.same('a.b'.split(patternOf({ String: '.' })), ['a', 'b'])
  t.throws(() => patternOf({ Regex: '(' }))
})

t.test('a model makes tokens of a piece', async t => {
  const model = modelOf({ type: 'BPE', vocab: { a: 0, b: 1, ab: 2, '?': 3 }, merges: ['a b'], unk_token: '?' })
  t.same(model.encode(['aabc']), ['a', 'ab', '?'])
  t.equal(model.unk_token_id, 3)
  t.throws(() => modelOf({ type: 'Unigram' }))
})
