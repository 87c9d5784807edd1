import t from 'tap'
import { segmentsOf } from '../../../../lib/modalities/text/segments.ts'

t.test('a long text is divided as a short one', async t => {
  const segmenter = new Intl.Segmenter('en', { granularity: 'word' })
  const text = 'the quick, brown fox '.repeat(50)
  t.same([...segmentsOf(text, segmenter)], Array.from(segmenter.segment(text), ({ segment, index, isWordLike }) => ({ text: segment, start: index, isWordLike })))
  t.equal([...segmentsOf('x'.repeat(1000), segmenter)].map(({ text }) => text).join(''), 'x'.repeat(1000))
  t.same([...segmentsOf('', segmenter)], [])
})
