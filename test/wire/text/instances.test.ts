import t from 'tap'
import { textInstances } from '../../../wire/text/instances.ts'
import { pairs, reviews, reviewsCard } from '../../fixtures/reviews.ts'
import { examplesIn } from '../examples.ts'

const { read, schema, valuesOf } = textInstances(reviewsCard, reviews)

t.test('texts come alone or in objects, also mixed', async t => {
  t.same(await read(['great', { text: 'awful' }]), [{ text: 'great' }, { text: 'awful' }])
  t.same(await textInstances(reviewsCard, pairs).read([{ text: 'a', text_pair: 'b' }]), [{ text: 'a', pair: 'b' }])
})

t.test('an instance that is no text is named', async t => {
  await t.rejects(read(['great', 5]), { statusCode: 422, message: "instance 2 is the number 5; send a text, or an object with 'text'." })
})

t.test('its example runs, and there is room for pairs as objects', async t => {
  const [example] = examplesIn(await schema())
  t.same(await read([example]), [{ text: 'The food was great and the staff was kind.' }])
  t.equal(valuesOf(10), 50)
})
