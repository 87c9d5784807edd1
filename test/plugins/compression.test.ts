import { Readable } from 'node:stream'
import { gunzipSync } from 'node:zlib'
import Fastify from 'fastify'
import t from 'tap'
import compression from '../../plugins/compression.ts'

const TEXT = 'The same sentence again. '.repeat(1000)
const app = Fastify()
await app.register(compression)
app.get('/page', async (_request, reply) => reply.type('text/html; charset=utf-8').header('vary', 'Accept').send(TEXT))
app.get('/file', async (_request, reply) => reply.type('text/css').header('content-length', TEXT.length).send(Readable.from([TEXT])))
app.get('/buffer', async (_request, reply) => reply.type('image/svg+xml').send(Buffer.from(TEXT)))
app.get('/short', async (_request, reply) => reply.type('text/html').send('short'))
app.get('/picture', async (_request, reply) => reply.type('image/png').send(Buffer.from(TEXT)))
app.get('/json', async () => ({ TEXT }))
app.get('/part', async (_request, reply) => reply.code(206).type('text/css').send(TEXT))
app.get('/broken', async (_request, reply) => reply.type('text/css').send(Readable.from((async function * () { throw new Error('the disk is gone') })())))
t.teardown(() => app.close())

const ask = async (url: string, encoding?: string) => await app.inject({ url, ...encoding !== undefined && { headers: { 'accept-encoding': encoding } } })

t.test('pages and their files are compressed for a client that takes gzip', async t => {
  for (const url of ['/page', '/file', '/buffer']) {
    for (const encoding of ['gzip', 'gzip, deflate, br, zstd', 'br;q=1.0, gzip;q=0.8', 'GZIP']) {
      const { headers, rawPayload } = await ask(url, encoding)
      t.equal(headers['content-encoding'], 'gzip', `${url} ${encoding}`)
      t.equal(gunzipSync(rawPayload).toString(), TEXT)
      t.ok(rawPayload.length < TEXT.length / 4)
      t.ok(headers['content-length'] === undefined || Number(headers['content-length']) === rawPayload.length)
    }
  }
})

t.test('every other client gets them as they are, and caches know that it depends', async t => {
  for (const encoding of [undefined, '', 'identity', 'br', 'gzip;q=0', 'gzip; q=0.0, br', 'xgzip']) {
    const { headers, body } = await ask('/page', encoding)
    t.equal(headers['content-encoding'], undefined, String(encoding))
    t.equal(headers['vary'], 'Accept, Accept-Encoding')
    t.equal(body, TEXT)
  }
})

t.test('what gains nothing stays as it is: pictures, JSON, short texts and parts', async t => {
  for (const url of ['/picture', '/json', '/short', '/part']) t.equal((await ask(url, 'gzip')).headers['content-encoding'], undefined, url)
})

t.test('a file that cannot be read ends the answer', async t => {
  await t.rejects(ask('/broken', 'gzip').then(({ rawPayload }) => gunzipSync(rawPayload)))
})
