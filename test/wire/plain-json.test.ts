import Fastify from 'fastify'
import t from 'tap'
import { sendJson } from '../../wire/plain-json.ts'

t.test('the Content-Type is application/json and nothing else', async t => {
  const app = Fastify()
  app.get('/', (_request, reply) => sendJson(reply.code(404), { error: 'é' }))
  const answer = await app.inject('/')
  t.equal(answer.statusCode, 404)
  t.equal(answer.headers['content-type'], 'application/json')
  t.same(answer.json(), { error: 'é' })
})
