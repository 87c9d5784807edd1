import { gzipSync } from 'node:zlib'
import Fastify from 'fastify'
import t from 'tap'
import { loadConfig } from '../../lib/config.ts'
import encodings from '../../plugins/encodings.ts'
import errors from '../../plugins/errors.ts'

t.test('a compressed body', async t => {
  const app = Fastify()
  await app.register(errors, { config: loadConfig({}) })
  await app.register(encodings)
  app.post('/work', { config: { queues: 'normal' } }, async ({ body }) => ({ body }))
  app.post('/decodes', { config: { queues: 'normal', encodings: ['gzip'] } }, async () => 'answer')
  app.get('/other', async () => 'answer')
  t.teardown(async () => { await app.close() })
  const send = async (encoding: string, payload: string | Buffer = gzipSync('{}')) => await app.inject({
    method: 'POST', url: '/work', payload, headers: { 'content-type': 'application/json', 'content-encoding': encoding }
  })

  t.test('is refused with 415, and the answer says how to send it', async t => {
    for (const encoding of ['gzip', 'deflate', 'br', 'zstd', 'gzip, gzip']) {
      const response = await send(encoding)
      t.equal(response.headers['accept-encoding'], 'identity', encoding)
      t.match(response.json(), {
        statusCode: 415,
        code: 'SRV_ENCODING_UNSUPPORTED',
        message: `Content-Encoding '${encoding}' is not supported; send the body uncompressed, without this header.`
      })
    }
  })

  t.test('is none if its encoding is identity', async t => {
    for (const encoding of ['identity', 'Identity']) t.same((await send(encoding, '{"a":1}')).json(), { body: { a: 1 } })
  })

  t.test('reaches a route that decodes it itself', async t => {
    const send = async (encoding: string) => await app.inject({ method: 'POST', url: '/decodes', headers: { 'content-encoding': encoding } })
    t.equal((await send('gzip')).statusCode, 200)
    t.equal((await send('GZIP')).statusCode, 200)
    const refused = await send('br')
    t.equal(refused.statusCode, 415)
    t.equal(refused.headers['accept-encoding'], 'identity, gzip')
  })

  t.test('does not matter to a route that reads no body', async t => {
    t.equal((await app.inject({ url: '/other', headers: { 'content-encoding': 'gzip' } })).statusCode, 200)
  })
})
