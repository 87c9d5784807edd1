import t from 'tap'
import { confusionText, parseConfusion, totalOf, worstMistakes } from '../../lib/confusion.ts'

const counts = [[8, 2, 0], [0, 5, 0], [10, 1, 89]]

t.test('a matrix is read as it was written, with a line for each label', async t => {
  const text = confusionText({ counts })
  t.equal(text, '{"counts": [\n[8,2,0],\n[0,5,0],\n[10,1,89]\n]}\n')
  t.same(parseConfusion(text, 3), { counts })
})

t.test('a file that is no matrix of these labels is refused in words', async t => {
  for (const [text, message] of [
    ['{"counts": [[1, 2], [3, 4]]}', /row and a column for each of the 3 labels/], ['{"counts": [[1, 2, 3], [1, 2, 3], [1, 2]]}', /row and a column/],
    ['{"counts": [[1, 2, -3]]}', /whole numbers/], ['{"counts": [[1, 2, 0.5]]}', /whole numbers/], ['{"counts": [1]}', /whole numbers/], ['[]', /must hold/], ['null', /must hold/], ['{"counts"', /JSON/]
  ] as const) t.throws(() => parseConfusion(text, 3), { message }, text)
})

t.test('the worst mistakes are those with the largest share of their label', async t => {
  t.same(worstMistakes({ counts }, 2), [{ truth: 0, answer: 1, count: 2, of: 10 }, { truth: 2, answer: 0, count: 10, of: 100 }])
  t.same(worstMistakes({ counts: [[1, 0], [0, 0]] }, 2), [], 'none, also where a label has no example')
  t.equal(totalOf([1, 2, 3]), 6)
})
