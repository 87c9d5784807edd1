import { Ajv } from 'ajv'
import addFormats from 'ajv-formats'
import t from 'tap'
import { AccessLineSchema, PredictionLineSchema } from '../../wire/log-lines.ts'

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
