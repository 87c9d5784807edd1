import t from 'tap'
import { topK } from '../../../lib/output/classify.ts'
import { RankedPredictions } from '../../../lib/output/ranked-predictions.ts'

const labels = ['ant', 'bee', 'cat']
const scores = Float32Array.of(0.2, 0.5, 0.3, 0.1, 0.1, 0.8)

t.test('each prediction has its labels, most probable first, as objects on demand', async t => {
  const predictions = new RankedPredictions(labels, 2, 2)
  predictions.set(0, scores, 0)
  predictions.set(1, scores, 3)
  const bee = { label: 'bee', index: 1, probability: 0.5 }
  const cat = { label: 'cat', index: 2, probability: 0.8 }
  const all = [
    { kind: 'classes', first: bee, top: [bee, { label: 'cat', index: 2, probability: 0.3 }] },
    { kind: 'classes', first: cat, top: [cat, { label: 'ant', index: 0, probability: 0.1 }] }
  ]
  t.same([...predictions], all)
  t.same([predictions.at(0), predictions.at(1), predictions.at(2), predictions.at(-1)], [...all, undefined, undefined])
  t.same(predictions.slice(1, 5), all.slice(1))
  t.same([...predictions.indices], [1, 2, 2, 0], 'equal probabilities keep the order of the labels')
  t.equal(predictions.length, 2)
})

t.test('no prediction has more labels than there are', async t => {
  const predictions = new RankedPredictions(labels, 1, 7)
  predictions.set(0, scores, 0)
  t.equal(predictions.k, 3)
  t.same(predictions.at(0), { kind: 'classes', first: topK(scores, labels, 1)[0], top: topK(scores, labels, 7) })
})

t.test("the model's own label comes first, whatever its probability is", async t => {
  for (const [k, top] of [[3, ['ant', 'bee', 'cat']], [2, ['ant', 'bee']], [1, ['ant']]] as const) {
    const predictions = new RankedPredictions(labels, 1, k)
    predictions.set(0, scores, 0, 0)
    t.match(predictions.at(0), { first: { label: 'ant', probability: 0.2 }, top: top.map(label => ({ label })) }, `${k}`)
  }
})
