import Fastify from 'fastify'
import t from 'tap'
import { sendJson, sendJsonText } from '../../wire/plain-json.ts'

t.test('the Content-Type is application/json and nothing else', async t => {
  const app = Fastify()
  app.get('/', (_request, reply) => sendJson(reply.code(404), { error: 'é' }))
  const answer = await app.inject('/')
  t.equal(answer.statusCode, 404)
  t.equal(answer.headers['content-type'], 'application/json')
  t.same(answer.json(), { error: 'é' })
})

t.test('JSON that is written already is sent as it is', async t => {
  const app = Fastify()
  app.get('/', (_request, reply) => sendJsonText(reply, '{"value":1.50}'))
  const answer = await app.inject('/')
  t.equal(answer.headers['content-type'], 'application/json')
  t.equal(answer.body, '{"value":1.50}')
})
