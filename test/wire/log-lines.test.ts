import { Ajv } from 'ajv'
import addFormats from 'ajv-formats'
import t from 'tap'
import type { Prediction } from '../../lib/output/prediction.ts'
import { AccessLineSchema, answerFields, indexOf, PredictionLineSchema } from '../../wire/log-lines.ts'

const ajv = addFormats.default(new Ajv())
const isAccess = ajv.compile(AccessLineSchema)
const isPrediction = ajv.compile(PredictionLineSchema)

const access = {
  level: 'info', time: '2026-01-02T03:04:05.678Z', pid: 1, hostname: 'a', msg: 'request', reqId: 'one', method: 'POST', path: '/predict', durationMs: 1.5, address: '127.0.0.1'
}
const prediction = {
  time: '2026-01-02T03:04:05.678Z', reqId: 'one', input: 0, model: 'echo', version: '1', label: 'wide', confidence: 0.75, index: 0, durationMs: 1.5
}

t.test('a line about a request has an answer or none, and a prediction or none', async t => {
  t.ok(isAccess({ ...access, statusCode: 200, inputs: 1, model: 'echo', version: '1', label: 'wide', confidence: 0.75 }))
  t.ok(isAccess({ ...access, aborted: true, client: 'laboratory' }))
})

t.test('a line about a prediction names one input of a request', async t => {
  t.ok(isPrediction(prediction))
  for (const change of [{ input: -1 }, { index: 0.5 }, { confidence: 75 }, { time: 'yesterday' }]) t.notOk(isPrediction({ ...prediction, ...change }), JSON.stringify(change))
})

t.test('no line has room for more, such as what was sent', async t => {
  t.notOk(isAccess({ ...access, body: 'a' }))
  t.notOk(isAccess({ ...access, headers: {} }))
  t.notOk(isPrediction({ ...prediction, row: [1, 2] }))
})

t.test('a line has what each kind of answer says, and of tensors nothing', async t => {
  const first = { label: 'wide', index: 0, probability: 0.75 }
  const { label: _label, confidence: _confidence, index: _index, ...bare } = prediction
  const kinds: Array<[Prediction, object, number | undefined]> = [
    [{ kind: 'classes', first, top: [first] }, { label: 'wide', confidence: 0.75 }, 0],
    [{ kind: 'labels', first, top: [first], labels: [first, { label: 'high', index: 1, probability: 0.5 }] }, { label: 'wide', confidence: 0.75, labels: ['wide', 'high'] }, 0],
    [{ kind: 'label', label: 'high', index: 1 }, { label: 'high' }, 1],
    [{ kind: 'label', label: 'other', index: null }, { label: 'other' }, undefined],
    [{ kind: 'value', value: -3.2 }, { value: -3.2 }, undefined],
    [{ kind: 'tensors', outputs: {} }, {}, undefined]
  ]
  for (const [answer, fields, index] of kinds) {
    t.same(answerFields(answer), fields)
    t.equal(indexOf(answer), index)
    t.ok(isAccess({ ...access, statusCode: 200, inputs: 1, model: 'echo', version: '1', ...answerFields(answer) }), answer.kind)
    t.ok(isPrediction({ ...bare, ...answerFields(answer), ...index !== undefined && { index } }), answer.kind)
  }
})
