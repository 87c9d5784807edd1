import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv } from 'ajv'
import addFormats from 'ajv-formats'
import { pino } from 'pino'
import t from 'tap'
import { buildApp } from '../../app.ts'
import { loadConfig } from '../../lib/config.ts'
import { PredictionLineSchema } from '../../wire/log-lines.ts'
import { build } from '../helper.ts'

const validate = addFormats.default(new Ajv()).compile(PredictionLineSchema)

t.test('each prediction is a line of its documented form, in the order of the request', async t => {
  const file = join(t.testdir(), 'log', 'predictions.jsonl')
  const app = await build(t, { MODEL_NAME: 'iris', PREDICTION_LOG: file, API_KEYS: 'laboratory:correct-horse-battery' })
  const headers = { authorization: 'Bearer correct-horse-battery', 'x-request-id': 'abc' }
  await app.inject({ method: 'POST', url: '/predict', payload: [[5.9, 3, 5.1, 1.8], [5, 3.4, 1.5, 0.2]], headers })
  await app.inject({ method: 'POST', url: '/predict', payload: ['wrong'], headers })
  await app.close()
  const lines = readFileSync(file, 'utf8').trim().split('\n').map(line => JSON.parse(line))
  t.equal(lines.length, 2)
  for (const line of lines) t.ok(validate(line), JSON.stringify(validate.errors))
  t.match(lines, [
    { reqId: 'abc', client: 'laboratory', input: 0, label: 'virginica', index: 2, model: 'iris' },
    { reqId: 'abc', client: 'laboratory', input: 1, label: 'setosa', index: 0 }
  ])
})

t.test('a share of the predictions is a sample of them', async t => {
  const file = join(t.testdir(), 'predictions.jsonl')
  const app = await build(t, { MODEL_NAME: 'iris', PREDICTION_LOG: file, PREDICTION_LOG_SAMPLE: '0.25' })
  await app.inject({ method: 'POST', url: '/predict', payload: Array.from({ length: 4000 }, () => [5.9, 3, 5.1, 1.8]) })
  await app.close()
  const { length } = readFileSync(file, 'utf8').trim().split('\n')
  // Six standard deviations around 1000.
  t.ok(Math.abs(length - 1000) < 6 * Math.sqrt(4000 * 0.25 * 0.75), `${length} of 4000`)
})

t.test('all rows of a large request are written, also when the service closes at once', async t => {
  const file = join(t.testdir(), 'predictions.jsonl')
  const app = await build(t, { MODEL_NAME: 'iris', PREDICTION_LOG: file })
  await app.inject({ method: 'POST', url: '/predict', payload: Array.from({ length: 16_384 }, () => [5.9, 3, 5.1, 1.8]) })
  await app.close()
  t.same(readFileSync(file, 'utf8').trim().split('\n').map(line => JSON.parse(line).input), Array.from({ length: 16_384 }, (_, at) => at))
})

t.test('a file that cannot be opened stops the start, and names the setting', async t => {
  const folder = t.testdir({ taken: 'a file' })
  await t.rejects(build(t, { MODEL_NAME: 'iris', PREDICTION_LOG: join(folder, 'taken', 'predictions.jsonl') }), {
    code: 'SRV_CONFIG_INVALID', message: /^PREDICTION_LOG=.* cannot be written: /
  })
})

t.test('a disk that is full costs neither answers nor memory, a line a minute in the log, and holds no shutdown', async t => {
  const lines: string[] = []
  const app = await buildApp(loadConfig({ MODEL_NAME: 'iris', WORKERS: '1', PREDICTION_LOG: '/dev/full' }), {
    logger: pino({ level: 'error' }, { write: line => { lines.push(line) } })
  })
  for (let at = 0; at < 20; at++) {
    const response = await app.inject({ method: 'POST', url: '/predict', payload: Array.from({ length: 1000 }, () => [5.9, 3, 5.1, 1.8]) })
    t.equal(response.statusCode, 200)
  }
  await app.close()
  t.equal(lines.length, 1)
  t.match(JSON.parse(lines[0]!), { err: { code: 'ENOSPC' }, msg: 'The prediction log cannot be written' })
})
