import { createReadStream } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import Fastify, { type FastifyInstance } from 'fastify'
import t, { type Test } from 'tap'
import compression from '../../plugins/compression.ts'

const TEXT = 'One of many words. '.repeat(100)

async function start (t: Test): Promise<FastifyInstance> {
  const folder = t.testdir({ 'page.css': TEXT })
  const app = Fastify()
  await app.register(compression)
  app.get('/page', async (_request, reply) => reply.type('text/html; charset=utf-8').header('vary', 'Accept').send(TEXT))
  app.get('/file', async (_request, reply) => reply.type('text/css').header('content-length', TEXT.length).send(createReadStream(`${folder}/page.css`)))
  app.get('/bytes', async (_request, reply) => reply.type('image/svg+xml').send(Buffer.from(TEXT)))
  app.get('/large', async (_request, reply) => reply.type('text/javascript').send(TEXT.repeat(200)))
  app.get('/small', async (_request, reply) => reply.type('text/html').send('word'))
  app.get('/part', async (_request, reply) => reply.code(206).type('text/css').send(TEXT))
  app.get('/answer', async () => ({ TEXT }))
  app.post('/page', async (_request, reply) => reply.type('text/html').send(TEXT))
  t.teardown(async () => { await app.close() })
  return app
}

t.test('pages and what they load are compressed for those who take gzip', async t => {
  const app = await start(t)
  for (const url of ['/page', '/file', '/bytes']) {
    for (const accepted of ['gzip', 'br;q=1.0, gzip;q=0.8', 'deflate, GZIP']) {
      const { headers, rawPayload } = await app.inject({ url, headers: { 'accept-encoding': accepted } })
      t.equal(headers['content-encoding'], 'gzip', `${url} for ${accepted}`)
      t.equal(gunzipSync(rawPayload).toString(), TEXT)
      t.ok(rawPayload.length < TEXT.length / 5)
      t.equal(headers['content-length'], String(rawPayload.length))
    }
  }
})

t.test('others get the text as it is, and caches are told of both', async t => {
  const app = await start(t)
  for (const accepted of [undefined, 'identity', 'br', 'gzip;q=0', 'x-gzip-like']) {
    const { headers, body } = await app.inject({ url: '/page', headers: accepted === undefined ? {} : { 'accept-encoding': accepted } })
    t.equal(headers['content-encoding'], undefined, accepted ?? 'nothing accepted')
    t.equal(body, TEXT)
    t.equal(headers['vary'], 'Accept, Accept-Encoding')
  }
})

t.test('what is large, small, a part, an answer to a program or an answer to a form stays as it is', async t => {
  const app = await start(t)
  const headers = { 'accept-encoding': 'gzip' }
  for (const url of ['/large', '/small', '/part', '/answer']) t.equal((await app.inject({ url, headers })).headers['content-encoding'], undefined, url)
  t.equal((await app.inject({ method: 'POST', url: '/page', headers })).headers['content-encoding'], undefined)
})
