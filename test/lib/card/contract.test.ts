import { Ajv } from 'ajv'
import t from 'tap'
import type { Card } from '../../../lib/card/card.ts'
import { ContractProperties } from '../../../lib/card/contract.ts'
import { Type } from '../../../lib/typebox.ts'
import { answerOf, answersOf } from '../../../wire/answer.ts'
import { echoCard } from '../../fixtures/model.ts'

const isContract = new Ajv().compile(Type.Object(ContractProperties))
const fits = (change: object) => isContract({ ...echoCard, ...change })

t.test('the key of the label is none that an answer has already', async t => {
  t.ok(fits({ labelKey: 'food' }))
  t.ok(fits({ labelKey: 'top_dish' }), 'but may begin like one')
  const first = { label: 'wide', index: 0, probability: 1 }
  const tensors: Card = { ...echoCard, output: { kind: 'tensors' } }
  const answers = [
    await answerOf(echoCard, [{ kind: 'labels', first, top: [first], labels: [] }]), await answersOf(echoCard, []), await answerOf(tensors, [{ kind: 'tensors', outputs: {} }])
  ].map(text => JSON.parse(text))
  const taken = Object.keys(Object.assign({ importance: 0, overlay: 0, features: 0 }, ...answers)).filter(key => key !== echoCard.labelKey)
  t.ok(taken.length >= 11)
  for (const labelKey of [...taken, '', 'a b', '1st', 'a.b']) t.notOk(fits({ labelKey }), labelKey)
})

t.test('labels may be equal, as in ImageNet, or missing, but not empty', async t => {
  for (const labels of [['a'], ['crane', 'crane'], []]) t.ok(fits({ labels }), JSON.stringify(labels))
  t.notOk(fits({ labels: ['a', ''] }))
})

t.test('a golden sample is a file in the folder, or a row, with the answer to it', async t => {
  const answer = { label: 'wide', probability: 0.5 }
  for (const sample of [{ file: 'a.png' }, { file: 'samples/a b.png' }, { file: 'a..b/c...png' }, { row: [1, 2] }]) t.ok(fits({ samples: [{ ...sample, ...answer }] }), JSON.stringify(sample))
  for (const sample of [{ file: '/etc/passwd' }, { file: '../a.png' }, { file: 'samples/../../a.png' }, { file: 'a/..' }, { file: 'a\\..\\b.png' }, { file: 'https://a/b.png' }, { file: '' }, { row: [[1]] }, {}]) {
    t.notOk(fits({ samples: [{ ...sample, ...answer }] }), JSON.stringify(sample))
  }
  t.notOk(fits({ samples: [{ row: [1, 2], label: 'wide', probability: 88 }] }))
  for (const answer of [{}, { label: 'wide' }, { value: -3.2 }, { labels: [] }, { labels: ['wide', 'high'] }]) t.ok(fits({ samples: [{ row: [1, 2], ...answer }] }), JSON.stringify(answer))
})

t.test('a tolerance is a share that lets something through', async t => {
  t.ok(fits({ tolerance: 1 }))
  for (const tolerance of [0, -0.1, 1.1]) t.notOk(fits({ tolerance }), `${tolerance}`)
})
