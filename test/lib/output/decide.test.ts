import t from 'tap'
import { decide, probabilitiesOf, scoresOf } from '../../../lib/output/decide.ts'
import type { Tensors } from '../../../lib/tensor.ts'
import { echoCard } from '../../fixtures/model.ts'

const outputs: Tensors = { other: { dtype: 'float32', shape: [2], data: Float32Array.of(8, 9) }, y: { dtype: 'float32', shape: [2, 2], data: Float32Array.of(0.75, 0.25, 1, 2) } }

t.test('the scores of an input are its own row of the output that the card names', async t => {
  t.same(scoresOf({ outputs, at: 0 }, echoCard), Float32Array.of(0.75, 0.25))
  t.same(scoresOf({ outputs, at: 1 }, echoCard), Float32Array.of(1, 2))
})

t.test('probabilities are taken as they are, and logits are made probabilities', async t => {
  t.same(probabilitiesOf({ outputs, at: 0 }, echoCard, () => 'a'), Float32Array.of(0.75, 0.25))
  const [first = 0, second = 0] = probabilitiesOf({ outputs, at: 1 }, { ...echoCard, output: { tensor: 'y', activation: 'softmax' } }, () => 'a')
  // scipy.special.softmax([1, 2])
  t.ok(Math.abs(first - 0.26894142) < 1e-7 && Math.abs(second - 0.73105858) < 1e-7, `${first}, ${second}`)
})

t.test('the most probable labels are ranked by the labels of the card', async t => {
  t.same(decide({ outputs, at: 0 }, echoCard, 2, () => 'a'), [{ label: 'wide', index: 0, probability: 0.75 }, { label: 'high', index: 1, probability: 0.25 }])
  t.same(decide({ outputs, at: 1 }, echoCard, 1, () => 'a'), [{ label: 'high', index: 1, probability: 2 }])
})

t.test('an output that is not what the card says is refused, naming it', async t => {
  const wrong: Array<[Tensors, number, string]> = [
    [{}, 0, "output 'y' is undefined [undefined], not float32 [batch,2]"],
    [{ y: { dtype: 'int64', shape: [1, 2], data: BigInt64Array.of(1n, 2n) } }, 0, "output 'y' is int64 [1,2], not float32 [batch,2]"],
    [outputs, 2, "output 'y' is float32 [2,2], not float32 [batch,2]"]
  ]
  for (const [outputs, at, message] of wrong) t.throws(() => scoresOf({ outputs, at }, echoCard), { message })
})

t.test('NaN and infinity are never an answer: the error names the input and the output', async t => {
  const rank = (values: number[], activation: 'none' | 'softmax') => {
    return decide({ outputs: { y: { dtype: 'float32', shape: [1, 2], data: Float32Array.from(values) } }, at: 0 }, { ...echoCard, output: { tensor: 'y', activation } }, 1, () => "file 'a.jpg'")
  }
  for (const [values, activation, found] of [
    [[NaN, 1], 'none', 'NaN'], [[0, Infinity], 'none', 'Infinity'], [[-Infinity, 1], 'none', '-Infinity'],
    [[1, NaN], 'softmax', 'NaN'], [[-Infinity, Infinity], 'softmax', 'Infinity'], [[-Infinity, -Infinity], 'softmax', '-Infinity']
  ] as const) {
    t.throws(() => rank([...values], activation), {
      code: 'SRV_ANSWER_NOT_FINITE', statusCode: 422, message: `file 'a.jpg' has no answer: the model computes ${found} in its output 'y'. Send an input that is more like the model's training data.`
    })
  }
  t.same(rank([-Infinity, 3], 'softmax'), [{ label: 'high', index: 1, probability: 1 }], 'a model may rule out a label with a logit of -Infinity')
})
