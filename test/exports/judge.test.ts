import t from 'tap'
import { judge, predictionsOf, type Reference } from './judge.ts'

const reference: Reference = { model: 'm', family: 'f', made_with: {}, expect: 'classes', tolerance: 1e-4, labels: ['ant', 'bee'], cases: [] }
const expected = { label: 'bee', probabilities: [0.3, 0.7] }
const answer = {
  label: 'bee', probability: 0.7, index: 1, top: [{ label: 'bee', index: 1, probability: 0.7 }, { label: 'ant', index: 0, probability: 0.3 }]
}

t.test('an answer like the framework\'s has no fault', async t => {
  t.same(judge(reference, expected, answer), { faults: [], isSameLabel: true, difference: 0 })
})

t.test('a probability may differ by the tolerance, and no more', async t => {
  const off = (by: number) => judge(reference, { label: 'bee', probabilities: [0.3, 0.7 - by] }, answer)
  t.same(off(0.9e-4).faults, [])
  t.ok(Math.abs(off(0.9e-4).difference - 0.9e-4) < 1e-9)
  t.equal(off(1.2e-4).faults.length, 2, 'in top, and in the answer')
  t.equal(off(1.2e-4).isSameLabel, true)
})

t.test('another label is a fault, whatever its probability', async t => {
  const judged = judge(reference, { label: 'ant', probabilities: [0.3, 0.7] }, answer)
  t.equal(judged.isSameLabel, false)
  t.match(judged.faults, ['the label is "bee", not "ant"'])
})

t.test('labels in another order are a fault, though the label of the answer is right', async t => {
  const swapped = { ...answer, index: 0, top: [{ label: 'bee', index: 0, probability: 0.7 }, { label: 'ant', index: 1, probability: 0.3 }] }
  t.ok(judge(reference, expected, swapped).faults.length > 0)
})

t.test('a missing label of top is a fault', async t => {
  const judged = judge(reference, expected, { ...answer, top: answer.top.slice(0, 1) })
  t.ok(judged.faults.length > 0)
  t.equal(judged.difference, Infinity)
})

t.test('an answer that is none is a fault', async t => {
  for (const none of [undefined, null, 'bee', [], { error: 'no' }]) t.ok(judge(reference, expected, none).faults.length > 0)
})

t.test('a label that is there twice is found by its index', async t => {
  const twice = { ...reference, labels: ['crane', 'tench', 'crane'] }
  const top = [{ label: 'crane', index: 2, probability: 0.6 }, { label: 'crane', index: 0, probability: 0.3 }, { label: 'tench', index: 1, probability: 0.1 }]
  t.same(judge(twice, { label: 'crane', probabilities: [0.3, 0.1, 0.6] }, { label: 'crane', probability: 0.6, index: 2, top }).faults, [])
  t.ok(judge(twice, { label: 'crane', probabilities: [0.6, 0.1, 0.3] }, { label: 'crane', probability: 0.6, index: 2, top }).faults.length > 0)
})

t.test('several labels are compared in any order', async t => {
  const expected = { labels: ['ant', 'bee'], probabilities: [0.6, 0.7] }
  const top = [{ label: 'bee', index: 1, probability: 0.7 }, { label: 'ant', index: 0, probability: 0.6 }]
  const answer = { label: 'bee', probability: 0.7, index: 1, labels: top, top }
  t.same(judge({ ...reference, expect: 'labels' }, expected, answer).faults, [])
  t.equal(judge({ ...reference, expect: 'labels' }, expected, { ...answer, labels: top.slice(0, 1) }).isSameLabel, false)
})

t.test('a label alone has no probability', async t => {
  t.same(judge(reference, { label: 'ant' }, { label: 'ant', index: 0 }).faults, [])
  t.match(judge(reference, { label: 'ant' }, { label: 'ant', probability: 1 }).faults, ['the probability is 1, not undefined'])
})

t.test('a value may differ by a part of itself', async t => {
  t.same(judge(reference, { value: 2000 }, { value: 2000.1 }).faults, [])
  t.equal(judge(reference, { value: 2000 }, { value: 2000.3 }).faults.length, 1)
  t.equal(judge(reference, { value: 0.5 }, { value: 0.5002 }).faults.length, 1)
  t.equal(judge(reference, { value: 0.5 }, { value: '0.5' }).faults.length, 1)
})

t.test('output tensors are compared with their shapes', async t => {
  const expected = { outputs: { scores: [[0.5, 1]] } }
  t.same(judge(reference, expected, { outputs: { scores: [[0.5, 1]], other: [1] } }).faults, [])
  t.match(judge(reference, expected, { outputs: { scores: [0.5, 1] } }).faults, ["the shape of 'scores' is [2], not [1,2]"])
  t.ok(judge(reference, expected, { outputs: { scores: [[0.5, 2]] } }).faults.length === 1)
  t.ok(judge(reference, expected, { outputs: {} }).faults.length > 0)
})

t.test('the predictions of a list', async t => {
  t.same(predictionsOf({ predictions: [1, 2], model: 'm' }), [1, 2])
  t.same(predictionsOf({ error: 'no' }), [])
})
