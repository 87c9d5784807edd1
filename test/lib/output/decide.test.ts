import t from 'tap'
import type { Card } from '../../../lib/card/card.ts'
import { decide, followedNumber, probabilitiesOf } from '../../../lib/output/decide.ts'
import type { Tensor, Tensors } from '../../../lib/tensor.ts'
import { echoCard } from '../../fixtures/model.ts'

const outputs: Tensors = { other: { dtype: 'float32', shape: [2], data: Float32Array.of(8, 9) }, y: { dtype: 'float32', shape: [2, 2], data: Float32Array.of(0.75, 0.25, 1, 2) } }
const softmax: Card = { ...echoCard, output: { kind: 'classes', tensor: 'y', activation: 'softmax' } }
const name = () => 'a'
const floats = (shape: number[], ...values: number[]): Tensor => ({ dtype: 'float32', shape, data: Float32Array.from(values) })

t.test('probabilities are taken as they are, and logits are made probabilities', async t => {
  t.same(probabilitiesOf({ outputs, at: 0 }, echoCard, name), Float32Array.of(0.75, 0.25))
  const [first = 0, second = 0] = probabilitiesOf({ outputs, at: 1 }, softmax, name)
  // scipy.special.softmax([1, 2])
  t.ok(Math.abs(first - 0.26894142) < 1e-7 && Math.abs(second - 0.73105858) < 1e-7, `${first}, ${second}`)
})

t.test('the most probable labels are ranked by the labels of the card', async t => {
  const [wide, high] = [{ label: 'wide', index: 0, probability: 0.75 }, { label: 'high', index: 1, probability: 0.25 }]
  t.same(decide({ outputs, at: 0 }, echoCard, 2, name), { kind: 'classes', first: wide, top: [wide, high] })
  t.match(decide({ outputs, at: 1 }, echoCard, 1, name), { top: [{ label: 'high', index: 1, probability: 2 }] })
})

t.test("the model's own label is the answer, also if it is not the most probable one", async t => {
  const card: Card = { ...echoCard, output: { kind: 'classes', tensor: 'y', activation: 'none', label: 'own', classes: [-1, 1] } }
  const own: Tensor = { dtype: 'int64', shape: [2, 1], data: BigInt64Array.of(1n, -1n) }
  t.same(decide({ outputs: { ...outputs, own }, at: 0 }, card, 2, name), {
    kind: 'classes', first: { label: 'high', index: 1, probability: 0.25 }, top: [{ label: 'high', index: 1, probability: 0.25 }, { label: 'wide', index: 0, probability: 0.75 }]
  })
})

t.test('of two labels, the one number is the probability of the second', async t => {
  const card = (activation: 'none' | 'sigmoid'): Card => ({ ...echoCard, output: { kind: 'binary', tensor: 'p', activation } })
  for (const p of [floats([2, 1], 0.25, 0.875), floats([2], 0.25, 0.875)]) {
    t.same(decide({ outputs: { p }, at: 0 }, card('none'), 2, name), {
      kind: 'classes', first: { label: 'wide', index: 0, probability: 0.75 }, top: [{ label: 'wide', index: 0, probability: 0.75 }, { label: 'high', index: 1, probability: 0.25 }]
    })
    t.match(decide({ outputs: { p }, at: 1 }, card('none'), 1, name), { first: { label: 'high', probability: 0.875 } })
  }
  // scipy.special.expit(2)
  t.match(decide({ outputs: { p: floats([1, 1], 2) }, at: 0 }, card('sigmoid'), 1, name), { first: { label: 'high', probability: 0.8807971 } })
})

t.test('several labels at once are those that reach the threshold, most probable first', async t => {
  const labels = ['a', 'b', 'c', 'a']
  const card = (threshold?: number, activation: 'none' | 'sigmoid' = 'none'): Card => ({ ...echoCard, labels, output: { kind: 'labels', tensor: 'y', activation, ...threshold !== undefined && { threshold } } })
  const given = (card: Card, ...values: number[]) => decide({ outputs: { y: floats([1, 4], ...values) }, at: 0 }, card, 2, name)
  t.same(given(card(), 0.5, 0.75, 0.25, 0.875), {
    kind: 'labels',
    labels: [{ label: 'a', index: 3, probability: 0.875 }, { label: 'b', index: 1, probability: 0.75 }, { label: 'a', index: 0, probability: 0.5 }],
    first: { label: 'a', index: 3, probability: 0.875 },
    top: [{ label: 'a', index: 3, probability: 0.875 }, { label: 'b', index: 1, probability: 0.75 }]
  })
  t.match(given(card(), 0.1, 0.2, 0.3, 0.4), { labels: [], first: { index: 3 } }, 'or none')
  t.match(given(card(0.7), 0.7, 0, 0, 0), { labels: [{ label: 'a', index: 0, probability: 0.7 }] }, 'at the threshold, as float32 has it')
  t.match(given(card(0.5), 0.49999997, 0, 0, 0), { labels: [] }, 'just below it')
  t.match(given(card(0.2), 0.1, 0.2, 0.3, 0.4), { labels: [{ label: 'a', index: 3 }, { label: 'c', index: 2 }, { label: 'b', index: 1 }] })
  t.match(given(card(undefined, 'sigmoid'), -1, 0, 1, -2), { labels: [{ label: 'c', probability: 0.7310586 }, { label: 'b', probability: 0.5 }], first: { label: 'c', probability: 0.7310586 } })
})

t.test('a label without a probability, a number and tensors are answered as they are', async t => {
  const own: Tensor = { dtype: 'string', shape: [2], data: ['wide', 'high'] }
  t.same(decide({ outputs: { own }, at: 1 }, { ...echoCard, output: { kind: 'label', label: 'own' } }, 5, name), { kind: 'label', label: 'high', index: 1 })
  t.same(decide({ outputs: { own }, at: 1 }, { ...echoCard, output: { kind: 'label', label: 'own' }, labels: [] }, 5, name), { kind: 'label', label: 'high', index: null })
  t.same(decide({ outputs: { y: floats([2, 1], 1, -3.2) }, at: 1 }, { ...echoCard, output: { kind: 'value', tensor: 'y' }, labels: [] }, 1, name), { kind: 'value', value: -3.2 })
  t.same(decide({ outputs, at: 0 }, { ...echoCard, output: { kind: 'tensors' }, labels: [] }, 1, name), { kind: 'tensors', outputs })
})

t.test('NaN and infinity are never an answer: the error names the input and the output', async t => {
  const rank = (values: number[], output: Card['output']) => decide({ outputs: { y: floats([1, values.length], ...values) }, at: 0 }, { ...echoCard, output }, 1, () => "file 'a.jpg'")
  const classes = (activation: 'none' | 'softmax'): Card['output'] => ({ kind: 'classes', tensor: 'y', activation })
  for (const [values, output, found] of [
    [[NaN, 1], classes('none'), 'NaN'], [[0, Infinity], classes('none'), 'Infinity'], [[-Infinity, 1], classes('none'), '-Infinity'],
    [[1, NaN], classes('softmax'), 'NaN'], [[-Infinity, Infinity], classes('softmax'), 'Infinity'], [[-Infinity, -Infinity], classes('softmax'), '-Infinity'],
    [[NaN], { kind: 'binary', tensor: 'y', activation: 'sigmoid' }, 'NaN'], [[0, NaN], { kind: 'labels', tensor: 'y', activation: 'none' }, 'NaN'],
    [[NaN], { kind: 'value', tensor: 'y' }, 'NaN'], [[-Infinity], { kind: 'value', tensor: 'y' }, '-Infinity']
  ] as const) {
    t.throws(() => rank([...values], output), {
      code: 'SRV_ANSWER_NOT_FINITE', statusCode: 422, message: `file 'a.jpg' has no answer: the model computes ${found} in its output 'y'. Send an input that is more like the model's training data.`
    }, output.kind)
  }
  t.match(rank([-Infinity, 3], classes('softmax')), { first: { label: 'high', index: 1, probability: 1 } }, 'a model may rule out a label with a logit of -Infinity')
})

t.test('an explanation follows the probability of a label, or the number', async t => {
  t.equal(followedNumber({ outputs, at: 0 }, echoCard, 1, name), 0.25)
  t.equal(followedNumber({ outputs: { y: floats([2], 1, -3.2) }, at: 1 }, { ...echoCard, output: { kind: 'value', tensor: 'y' } }, 0, name), -3.2)
  t.throws(() => followedNumber({ outputs, at: 0 }, { ...echoCard, output: { kind: 'label', label: 'y' } }, 0, name), { message: "an output of the kind 'label' has no probabilities" })
})
