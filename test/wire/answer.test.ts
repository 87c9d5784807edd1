import t from 'tap'
import type { Card } from '../../lib/card/card.ts'
import type { Prediction } from '../../lib/output/prediction.ts'
import { RankedPredictions } from '../../lib/output/ranked-predictions.ts'
import { answerOf, answersOf, columnsOf, csvColumnsOf, explainedFields, explanationOf, featuresOf, instancesAnswerOf, plainTextOf } from '../../wire/answer.ts'
import { echoCard } from '../fixtures/model.ts'
import { turnsOf } from '../turns.ts'

const wide = { label: 'wide', index: 0, probability: 0.75 }
const high = { label: 'high', index: 1, probability: 0.25 }
const ranked = (...top: [typeof wide, ...Array<typeof wide>]): Prediction => ({ kind: 'classes', first: top[0], top })
const tensors: Prediction = { kind: 'tensors', outputs: { y: { dtype: 'float32', shape: [1, 2], data: Float32Array.of(0.1, NaN) }, n: { dtype: 'int64', shape: [1], data: BigInt64Array.of(2n ** 53n + 1n) } } }
const named = { model: 'echo', version: '1' }
const card = (output: Card['output']): Card => ({ ...echoCard, output })
const KINDS: Array<[card: Card, prediction: Prediction, fields: object, cells: Array<string | number>]> = [
  [echoCard, ranked(wide, high), { shape: 'wide', probability: 0.75, index: 0, top: [wide, high] }, ['wide', 0.75]],
  [card({ kind: 'labels', tensor: 'y', activation: 'none' }), { kind: 'labels', first: wide, top: [wide], labels: [wide, high] }, { shape: 'wide', probability: 0.75, index: 0, labels: [wide, high], top: [wide] }, ['wide', 0.75, 'wide;high']],
  [card({ kind: 'label', label: 'z' }), { kind: 'label', label: 'high', index: 1 }, { shape: 'high', index: 1 }, ['high']],
  [card({ kind: 'label', label: 'z' }), { kind: 'label', label: '-1', index: null }, { shape: '-1' }, ['-1']],
  [card({ kind: 'value', tensor: 'y' }), { kind: 'value', value: -3.2 }, { shape: -3.2 }, [-3.2]]
]

t.test('one input is answered by the fields of its kind of answer, and the model is named', async t => {
  for (const [card, prediction, fields] of KINDS) t.same(JSON.parse(await answerOf(card, [prediction])), { ...fields, ...named }, card.output.kind)
  t.equal(await answerOf(card({ kind: 'tensors' }), [tensors]), '{"outputs":{"y":[[0.1,"NaN"]],"n":[9007199254740993]},"model":"echo","version":"1"}')
})

t.test('several inputs are answered in their order, and the model is named once', async t => {
  t.same(JSON.parse(await answersOf(echoCard, [ranked(high), ranked(wide)])), {
    predictions: [{ shape: 'high', probability: 0.25, index: 1, top: [high] }, { shape: 'wide', probability: 0.75, index: 0, top: [wide] }], ...named
  })
  for (const [card, prediction, fields] of KINDS) t.same(JSON.parse(await answersOf(card, [prediction, prediction])), { predictions: [fields, fields], ...named }, card.output.kind)
  t.equal(await answersOf(card({ kind: 'tensors' }), [tensors, tensors]), '{"predictions":[{"outputs":{"y":[[0.1,"NaN"]],"n":[9007199254740993]}},{"outputs":{"y":[[0.1,"NaN"]],"n":[9007199254740993]}}],"model":"echo","version":"1"}')
  t.same(JSON.parse(await answersOf(echoCard, [])), { predictions: [], ...named })
})

t.test('predictions that are numbers are answered as the same predictions that are objects', async t => {
  const made = new RankedPredictions(echoCard.labels, 3, 2)
  for (const [at, wide] of [0.75, 0.1, 1e-9].entries()) made.set(at, Float64Array.of(wide, 1 - wide), 0)
  const objects = [...made]
  t.equal(await answersOf(echoCard, made), await answersOf(echoCard, objects))
  t.equal(await answerOf(echoCard, made), await answerOf(echoCard, objects.slice(0, 1)))
  t.equal(await instancesAnswerOf(echoCard, made), await instancesAnswerOf(echoCard, objects))
  t.equal(await plainTextOf(echoCard, made), '0\n1\n1')
  t.match(csvColumnsOf(echoCard, made), [['wide', 'high', 'high'], [0.75, 0.9, 1]])
})

t.test('a long answer leaves the event loop free after each thousand predictions, and after many values', async t => {
  const predictions = Array.from({ length: 16_384 }, () => ranked(wide, high))
  t.ok(await turnsOf(() => answersOf(echoCard, predictions)) >= 14)
  t.equal(JSON.parse(await answersOf(echoCard, predictions)).predictions.length, 16_384)
  const large: Prediction = { kind: 'tensors', outputs: { y: { dtype: 'float32', shape: [4096], data: new Float32Array(4096) } } }
  t.ok(await turnsOf(() => answersOf(card({ kind: 'tensors' }), Array.from({ length: 20 }, () => large))) >= 4, 'shared by all predictions')
})

t.test('an answer adds its columns to CSV', async t => {
  t.same(columnsOf(echoCard), ['shape', 'probability'])
  t.same(columnsOf(card({ kind: 'binary', tensor: 'y', activation: 'none' })), ['shape', 'probability'])
  for (const [card, prediction, , cells] of KINDS) {
    t.equal(columnsOf(card).length, cells.length)
    t.same(csvColumnsOf(card, [prediction, prediction]), cells.map(cell => [cell, cell]), card.output.kind)
  }
  t.same(columnsOf(card({ kind: 'tensors' })), [], 'or none')
  t.same(csvColumnsOf(card({ kind: 'tensors' }), [tensors]), [])
})

t.test('an explanation says what it explains: a label and its probability, or the number', async t => {
  t.same(explainedFields(echoCard, ranked(wide, high)), { shape: 'wide', probability: 0.75, index: 0 })
  t.same(explainedFields(echoCard, { kind: 'value', value: 7 }), { shape: 7 })
  const features = [{ name: 'width', value: 1, importance: 0.5, curve: [{ value: 0, probability: 3 }] }]
  t.same(featuresOf(echoCard, features), features)
  t.same(featuresOf(card({ kind: 'value', tensor: 'y' }), features), [{ name: 'width', value: 1, importance: 0.5, curve: [{ value: 0, prediction: 3 }] }])
})

t.test('the bare answer is a line for each input, and ends without a line break', async t => {
  const bare = KINDS.map(([card, prediction]) => plainTextOf(card, [prediction]))
  t.same(await Promise.all(bare), ['0', '0,1', '1', '-1', '-3.2'])
  t.equal(await plainTextOf(echoCard, [ranked(high), ranked(wide), ranked(high)]), '1\n0\n1')
  t.equal(await plainTextOf(card({ kind: 'labels', tensor: 'y', activation: 'none' }), [{ kind: 'labels', first: wide, top: [wide], labels: [] }]), '', 'no label')
  t.equal(await plainTextOf(card({ kind: 'tensors' }), [tensors]), null, 'plain tensors have none')
  t.ok(await turnsOf(() => plainTextOf(echoCard, Array.from({ length: 16_384 }, () => ranked(wide)))) >= 14)
})

t.test('instances are answered without the model, and tensors without the batch axis', async t => {
  for (const [card, prediction, fields] of KINDS) t.same(JSON.parse(await instancesAnswerOf(card, [prediction, prediction])), { predictions: [fields, fields] }, card.output.kind)
  t.equal(await instancesAnswerOf(card({ kind: 'tensors' }), [tensors, tensors]), '{"predictions":[{"y":[0.1,"NaN"],"n":9007199254740993},{"y":[0.1,"NaN"],"n":9007199254740993}]}')
  const one: Prediction = { kind: 'tensors', outputs: { y: { dtype: 'float32', shape: [1, 2, 2], data: Float32Array.of(1, 2, 3, 4) } } }
  const unbatched: Prediction = { kind: 'tensors', outputs: { y: { dtype: 'float32', shape: [3], data: Float32Array.of(1, 2, 3) } } }
  t.equal(await instancesAnswerOf(card({ kind: 'tensors' }), [one, unbatched]), '{"predictions":[[[1,2],[3,4]],[1,2,3]]}')
})

t.test('an explanation names the model, and holds what its modality found', async t => {
  const features = [{ name: 'width', value: 1, importance: 0.5, curve: [{ value: 0, probability: 3 }] }]
  t.same(explanationOf(echoCard, { prediction: ranked(wide), features }), { shape: 'wide', probability: 0.75, index: 0, features, ...named })
  const words = [{ word: 'wide', text: 0, start: 2, importance: 0.5 }]
  t.same(explanationOf(echoCard, { prediction: ranked(wide), words }), { shape: 'wide', probability: 0.75, index: 0, words, ...named })
  t.same(explanationOf(echoCard, { prediction: ranked(wide), picture: { importance: [[0.5]], overlay: Buffer.from('png') } }), {
    shape: 'wide', probability: 0.75, index: 0, importance: [[0.5]], overlay: 'data:image/png;base64,cG5n', ...named
  })
})
