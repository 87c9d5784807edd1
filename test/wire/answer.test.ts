import t from 'tap'
import { answerOf, answersOf } from '../../wire/answer.ts'
import { echoCard } from '../fixtures/model.ts'
import { turnsOf } from '../turns.ts'

const wide = { label: 'wide', index: 0, probability: 0.75 }
const high = { label: 'high', index: 1, probability: 0.25 }

t.test('one input is answered by its most probable label, under the key of the card, and those after it', async t => {
  t.same(answerOf(echoCard, [wide, high]), { shape: 'wide', probability: 0.75, index: 0, top: [wide, high], model: 'echo', version: '1' })
})

t.test('several inputs are answered in their order, and the model is named once', async t => {
  t.same(JSON.parse(await answersOf(echoCard, [[high], [wide]])), {
    predictions: [{ shape: 'high', probability: 0.25, index: 1, top: [high] }, { shape: 'wide', probability: 0.75, index: 0, top: [wide] }], model: 'echo', version: '1'
  })
})

t.test('a long answer leaves the event loop free after each thousand predictions', async t => {
  const rankings = Array.from({ length: 16_384 }, () => [wide, high])
  t.ok(await turnsOf(() => answersOf(echoCard, rankings)) >= 14)
  t.equal(JSON.parse(await answersOf(echoCard, rankings)).predictions.length, 16_384)
})
