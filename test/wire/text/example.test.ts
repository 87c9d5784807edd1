import t from 'tap'
import { exampleOf, samplesOf } from '../../../wire/text/example.ts'
import { pairs, reviews, reviewsCard } from '../../fixtures/reviews.ts'

const { samples, ...bare } = reviewsCard

t.test('an example is the first golden sample, or that of the card, or any text', t => {
  t.same(exampleOf(reviewsCard, reviews), { text: 'The food was great and the staff was kind.' })
  t.same(exampleOf({ ...bare, samples: [{ text: 'a', pair: 'b' }] }, pairs), { text: 'a', pair: 'b' })
  t.same(exampleOf(bare, { ...reviews, example: 'quick' }), { text: 'quick' })
  t.match(exampleOf(bare, reviews), { text: /^\w/, pair: undefined })
  t.match(exampleOf(bare, pairs), { text: /^\w/, pair: /^\w/ })
  t.end()
})

t.test('only golden samples with a text are texts', t => {
  t.equal(samples?.length, 2)
  t.same(samplesOf({ ...bare, samples: [{ file: 'a.png' }, { text: 'a', label: 'negative' }] }), [{ text: 'a', label: 'negative' }])
  t.same(samplesOf(bare), [])
  t.end()
})
