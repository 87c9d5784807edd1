import t from 'tap'
import { settleOutput } from '../../../../lib/card/infer/probe.ts'
import type { Card } from '../../../../lib/card/card.ts'
import type { Tensors } from '../../../../lib/tensor.ts'

const card: Card = { name: 'm', version: '1', labelKey: 'label', input: { kind: 'tensors' }, output: { kind: 'classes', tensor: 'y', activation: 'none' }, labels: ['a', 'b'] }
const rows = (...scores: number[][]): Tensors => ({ y: { dtype: 'float32', shape: [scores.length, scores[0]!.length], data: Float32Array.from(scores.flat()) } })
const settle = (card: Card, ...scores: number[][]) => settleOutput(card, rows(...scores), scores.length)

t.test('rows of shares with the sum 1 are probabilities', async t => {
  t.same(settle(card, [0.3, 0.7], [1, 0], [0.5, 0.5]), { card, assumptions: [] })
})

t.test('other scores are taken as logits, which is an assumption', async t => {
  for (const scores of [[[-3, 4], [0.5, 0.5], [7, 8]], [[0.3, 0.7], [0.9, 0.9], [0.1, 0.2]]]) {
    const { card: { output }, assumptions } = settle(card, ...scores)
    t.same(output, { kind: 'classes', tensor: 'y', activation: 'softmax' }, 'also if one row has the sum 1 by chance')
    t.match(assumptions, [{ field: '/output/activation', because: /in 3 examples/, card: '{"output":{"kind":"classes","activation":"softmax"}}' }])
  }
})

t.test('beside a label output, scores that are no probabilities are left out', async t => {
  const labelled: Card = { ...card, output: { kind: 'classes', tensor: 'y', activation: 'none', label: 'label', classes: [0, 1] } }
  t.same(settle(labelled, [-3, 4], [2, 1], [0, 0]).card.output, { kind: 'label', label: 'label', classes: [0, 1] })
  t.same(settle(labelled, [0, 1], [1, 0], [0.5, 0.5]).card, labelled)
})

t.test('the run counts the labels that nobody named', async t => {
  const { card: counted, assumptions } = settle({ ...card, labels: [] }, [0.2, 0.3, 0.5], [1, 0, 0], [0, 0, 1])
  t.same(counted.labels, ['0', '1', '2'])
  t.match(assumptions, [{ field: '/labels' }])
  t.same(settle({ ...card, labels: [], output: { kind: 'labels', tensor: 'y', activation: 'none' } }, [0.9, 0.8], [0.1, 0.1]).card.labels, ['0', '1'], 'also of several at once')
  t.same(settle({ ...card, labels: [] }, [3], [4], [5]).card, { ...card, labels: [], output: { kind: 'value', tensor: 'y' } }, 'one column is a number')
})

t.test('scores of float16 and float64 are read as their numbers', async t => {
  // 0x3400 is 0.25, 0x3a00 is 0.75. https://en.wikipedia.org/wiki/Half-precision_floating-point_format
  t.same(settleOutput(card, { y: { dtype: 'float16', shape: [2, 2], data: Uint16Array.of(0x3400, 0x3a00, 0x3a00, 0x3400) } }, 2).card, card)
  t.same(settleOutput(card, { y: { dtype: 'float64', shape: [1, 2], data: Float64Array.of(0.25, 0.75) } }, 1).card, card)
})

t.test('other kinds of answers, and logits that the card names, are settled', async t => {
  for (const output of [{ kind: 'value', tensor: 'y' }, { kind: 'classes', tensor: 'y', activation: 'softmax' }] as const) {
    t.same(settle({ ...card, output }, [-3, 4]).card.output, output)
  }
})
