import t from 'tap'
import { sigmoid, softmax, topK } from '../../../lib/output/classify.ts'

t.test('softmax of known logits', async t => {
  // scipy.special.softmax([1, 2, 3])
  const expected = [0.09003057317038046, 0.24472847105479764, 0.6652409557748218]
  softmax(Float32Array.of(1, 2, 3)).forEach((value, at) => t.ok(Math.abs(value - expected[at]!) < 1e-7))
})

t.test('softmax of great logits is finite', async t => {
  t.same([...softmax(Float32Array.of(1000, 1000))], [0.5, 0.5])
})

t.test('top-k is ordered, and equals keep the order of the labels', async t => {
  t.same(topK(Float32Array.of(0.25, 0.5, 0.25), ['a', 'b', 'c'], 3), [
    { label: 'b', index: 1, probability: 0.5 },
    { label: 'a', index: 0, probability: 0.25 },
    { label: 'c', index: 2, probability: 0.25 }
  ])
  t.same(topK(Float32Array.of(0.1, 0.9), ['a', 'b'], 1).map(({ label }) => label), ['b'])
})

t.test('a probability has the digits of a float32 and no more', async t => {
  const values = [0.92, 1 / 3, 2.5e-9, 1, 0, 1e-20, 1e-42]
  const written = [0.92, 0.3333333, 2.5e-9, 1, 0, 1e-20]
  const found = values.map(value => topK(Float32Array.of(value), ['a'], 1)[0]?.probability)
  t.same(found.slice(0, 6), written)
  t.ok(Math.abs(found[6]! / 1e-42 - 1) < 0.01, 'and what a float32 cannot hold in full stays as it is')
})

t.test('top-k of many labels is what a full sort gives', async t => {
  const probabilities = Float32Array.from({ length: 101 }, (_, at) => (at * 37 % 101) / 5050)
  const labels = Array.from(probabilities, (_, at) => `label ${at}`)
  const sorted = [...probabilities.keys()].sort((a, b) => probabilities[b]! - probabilities[a]!)
  for (const k of [1, 5, 101]) t.same(topK(probabilities, labels, k).map(({ index }) => index), sorted.slice(0, k))
})

t.test('sigmoid of known logits, each on its own', async t => {
  // scipy.special.expit([-1, 0, 2])
  const expected = [0.2689414213699951, 0.5, 0.8807970779778823]
  sigmoid(Float64Array.of(-1, 0, 2)).forEach((value, at) => t.ok(Math.abs(value - expected[at]!) < 1e-15))
  t.same([...sigmoid(Float32Array.of(-1000, 1000, -Infinity))], [0, 1, 0])
})

t.test('an answer that is given comes first, and the others stay in the order of their probability', async t => {
  const labels = ['a', 'b', 'c', 'd']
  const order = (k: number, answer: number) => topK(Float32Array.of(0.1, 0.4, 0.2, 0.3), labels, k, answer).map(({ label }) => label).join('')
  t.equal(order(4, 2), 'cbda')
  t.equal(order(2, 0), 'ab', 'also if it was not among the most probable')
  t.equal(order(1, 0), 'a')
  t.equal(order(3, 1), 'bdc')
  t.equal(topK(Float32Array.of(0.1, 0.9), ['a', 'b'], 1, 0)[0]?.probability, 0.1, 'with its own probability')
})

t.test('two labels of the same name are told apart by their place', async t => {
  t.same(topK(Float32Array.of(0.25, 0.5, 0.25), ['crane', 'dog', 'crane'], 3).map(({ label, index }) => `${label} ${index}`), ['dog 1', 'crane 0', 'crane 2'])
})
