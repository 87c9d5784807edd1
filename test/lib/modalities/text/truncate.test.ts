import t from 'tap'
import { truncatedLengths } from '../../../../lib/modalities/text/truncate.ts'

t.test('a text is cut to the limit, and a shorter one stays', async t => {
  t.same(truncatedLengths([7], 5, 'LongestFirst'), [5])
  t.same(truncatedLengths([5], 5, 'LongestFirst'), [5])
  t.same(truncatedLengths([7], 5, 'OnlyFirst'), [5])
})

t.test('of a pair, the longer text is cut to the length of the shorter one, then both', async t => {
  t.same(truncatedLengths([10, 2], 6, 'LongestFirst'), [4, 2])
  t.same(truncatedLengths([2, 10], 6, 'LongestFirst'), [2, 4])
  t.same(truncatedLengths([10, 9], 7, 'LongestFirst'), [4, 3])
  t.same(truncatedLengths([9, 10], 7, 'LongestFirst'), [3, 4])
  t.same(truncatedLengths([9, 9], 7, 'LongestFirst'), [3, 4])
  t.same(truncatedLengths([100, 3], 5, 'LongestFirst'), [3, 2])
})

t.test('a tokenizer may cut one text of a pair alone, and fails where it is too short', async t => {
  t.same(truncatedLengths([10, 2], 6, 'OnlyFirst'), [4, 2])
  t.same(truncatedLengths([2, 10], 6, 'OnlySecond'), [2, 4])
  t.equal(truncatedLengths([2, 10], 6, 'OnlyFirst'), null)
  t.equal(truncatedLengths([10, 2], 6, 'OnlySecond'), null)
  t.equal(truncatedLengths([10], 6, 'OnlySecond'), null)
})
