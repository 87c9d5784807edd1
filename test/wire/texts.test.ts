import t from 'tap'
import type { Prediction } from '../../lib/output/prediction.ts'
import { textsOf } from '../../wire/texts.ts'
import { turnsOf } from '../turns.ts'

const number = (value: number): Prediction => ({ kind: 'value', value })
const tensors: Prediction = { kind: 'tensors', outputs: { y: { dtype: 'float32', shape: [1, 2], data: Float32Array.of(0.1, NaN) } } }

t.test('each prediction has its text, in order', async t => {
  t.same(await textsOf([number(3), number(4)], (prediction, at) => `${at} ${JSON.stringify(prediction)}`), ['0 {"kind":"value","value":3}', '1 {"kind":"value","value":4}'])
  t.same(await textsOf([], () => 'never'), [])
})

t.test('plain tensors have their JSON, or a text made from it', async t => {
  t.same(await textsOf([tensors], () => 'never'), ['{"y":[[0.1,"NaN"]]}'])
  t.same(await textsOf([tensors, tensors], () => 'never', (json, at) => `${at} ${json}`), ['0 {"y":[[0.1,"NaN"]]}', '1 {"y":[[0.1,"NaN"]]}'])
})

t.test('many predictions and many values leave the event loop free', async t => {
  t.ok(await turnsOf(() => textsOf(Array.from({ length: 16_384 }, (_, at) => number(at)), () => '')) >= 14)
  const large: Prediction = { kind: 'tensors', outputs: { y: { dtype: 'float32', shape: [4096], data: new Float32Array(4096) } } }
  t.ok(await turnsOf(() => textsOf(Array.from({ length: 64 }, () => large), () => 'never')) >= 12)
})
