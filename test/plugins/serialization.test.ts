import Fastify from 'fastify'
import t from 'tap'
import { serverOptions } from '../../plugins/serialization.ts'

t.test('an answer is written by the schema of its status', async t => {
  const app = Fastify(serverOptions)
  t.teardown(() => app.close())
  const answer = { type: 'object', properties: { n: { type: 'integer' } } }
  app.get('/', { schema: { response: { 200: answer } } }, async () => ({ n: 3, secret: true }))
  for (let turn = 0; turn < 2; turn++) t.equal((await app.inject('/')).body, '{"n":3}')
})

t.test('a schema may name those of its scope, and be one of them', async t => {
  const app = Fastify(serverOptions)
  t.teardown(() => app.close())
  const shared = { $id: 'Shared', type: 'object', properties: { shared: { type: 'string' } } }
  await app.register(async scope => {
    scope.addSchema(shared)
    scope.get('/itself', { schema: { response: { 200: shared } } }, async () => ({ shared: 'a', secret: true }))
    scope.get('/named', { schema: { response: { 200: { type: 'array', items: { $ref: 'Shared#' } } } } }, async () => [{ shared: 'b', secret: true }])
  })
  t.equal((await app.inject('/itself')).body, '{"shared":"a"}')
  t.equal((await app.inject('/named')).body, '[{"shared":"b"}]')
})
