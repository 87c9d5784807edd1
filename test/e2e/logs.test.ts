import { Ajv } from 'ajv'
import addFormats from 'ajv-formats'
import t from 'tap'
import { AccessLineSchema } from '../../wire/log-lines.ts'
import { picture } from '../fixtures/expected.ts'
import { start } from './process.ts'

t.test('every line about a request has the documented form, whatever became of it', async t => {
  const service = await start(t, { API_KEYS: 'laboratory:correct-horse-battery', LOG_LEVEL: 'debug', WORKERS: '1' })
  const ask = async (path: string, body: BodyInit, headers: Record<string, string> = {}) => {
    const response = await fetch(`${service.url}${path}`, { method: 'POST', body, headers: { authorization: 'Bearer correct-horse-battery', 'content-type': 'image/jpeg', ...headers } })
    await response.arrayBuffer()
    return response.status
  }
  const photo = picture('rgb.jpg')
  t.equal(await ask('/predict?top_k=3', photo, { 'x-request-id': 'one' }), 200)
  t.equal(await ask('/explain', photo), 200)
  t.equal(await ask('/predict', photo, { authorization: 'Bearer hush-hush-hush-hush' }), 401)
  t.equal(await ask('/predict', 'no picture'), 415)
  t.equal(await ask('/nowhere?secret=hush', photo), 404)
  await fetch(`${service.url}/livez`)
  await t.rejects(fetch(`${service.url}/predict`, { method: 'POST', body: photo, headers: { authorization: 'Bearer correct-horse-battery' }, signal: AbortSignal.timeout(1) }))
  t.equal(await service.stop(), 0)

  const validate = addFormats.default(new Ajv()).compile(AccessLineSchema)
  const lines = service.lines.filter(({ msg }) => msg === 'request')
  t.ok(lines.length >= 6)
  for (const line of lines) t.ok(validate(line), `${JSON.stringify(line)} ${JSON.stringify(validate.errors)}`)
  t.match(lines[0], { level: 'info', reqId: 'one', client: 'laboratory', inputs: 1, model: 'tensorfood', label: String, confidence: Number, statusCode: 200 })
  t.notMatch(JSON.stringify(service.lines), /hush|horse/, 'no key and no query')
})
