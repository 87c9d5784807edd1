import Fastify from 'fastify'
import t from 'tap'
import validation from '../../plugins/validation.ts'

t.test('a body is checked as it is, a query is converted', async t => {
  const app = Fastify()
  await app.register(validation)
  const number = { type: 'object', properties: { n: { type: 'number' } } }
  app.post('/', { schema: { body: number, querystring: number } }, async request => ({ body: request.body, query: request.query }))
  t.teardown(() => app.close())
  t.same((await app.inject({ method: 'POST', url: '/?n=3', payload: { n: 3 } })).json(), { body: { n: 3 }, query: { n: 3 } })
  for (const n of ['3', null, true]) {
    t.equal((await app.inject({ method: 'POST', url: '/', payload: { n } })).statusCode, 400, JSON.stringify(n))
  }
})
