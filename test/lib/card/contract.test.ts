import { Ajv } from 'ajv'
import t from 'tap'
import { ContractProperties } from '../../../lib/card/contract.ts'
import { Type } from '../../../lib/typebox.ts'
import { answerOf, answersOf } from '../../../wire/answer.ts'
import { echoCard } from '../../fixtures/model.ts'

const isContract = new Ajv().compile(Type.Object(ContractProperties))
const fits = (change: object) => isContract({ ...echoCard, ...change })

t.test('the key of the label is none that an answer has already', async t => {
  t.ok(fits({ labelKey: 'food' }))
  t.ok(fits({ labelKey: 'top_dish' }), 'but may begin like one')
  const taken = Object.keys({ ...answerOf(echoCard), ...answersOf(echoCard, []), importance: 0, overlay: 0, features: 0 }).filter(key => key !== echoCard.labelKey)
  t.ok(taken.length >= 8)
  for (const labelKey of [...taken, '', 'a b', '1st', 'a.b']) t.notOk(fits({ labelKey }), labelKey)
})

t.test('labels are two or more, none of them twice or empty', async t => {
  for (const labels of [['a'], ['a', 'a'], ['a', ''], []]) t.notOk(fits({ labels }), JSON.stringify(labels))
})

t.test('a golden sample is a file in the folder, or a row, with the answer to it', async t => {
  const answer = { label: 'wide', probability: 0.5 }
  for (const sample of [{ file: 'a.png' }, { file: 'samples/a b.png' }, { file: 'a..b/c...png' }, { row: [1, 2] }]) t.ok(fits({ samples: [{ ...sample, ...answer }] }), JSON.stringify(sample))
  for (const sample of [{ file: '/etc/passwd' }, { file: '../a.png' }, { file: 'samples/../../a.png' }, { file: 'a/..' }, { file: 'a\\..\\b.png' }, { file: 'https://a/b.png' }, { file: '' }, { row: ['1'] }, {}]) {
    t.notOk(fits({ samples: [{ ...sample, ...answer }] }), JSON.stringify(sample))
  }
  t.notOk(fits({ samples: [{ row: [1, 2], label: 'wide', probability: 88 }] }))
})

t.test('a tolerance is a share that lets something through', async t => {
  t.ok(fits({ tolerance: 1 }))
  for (const tolerance of [0, -0.1, 1.1]) t.notOk(fits({ tolerance }), `${tolerance}`)
})
