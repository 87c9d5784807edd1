import { once } from 'node:events'
import { connect } from 'node:net'
import Fastify from 'fastify'
import t from 'tap'
import { loadConfig } from '../../lib/config.ts'
import { DecodeTooSlow, OutOfMemory } from '../../lib/errors.ts'
import errors, { serverOptions } from '../../plugins/errors.ts'
import protocol from '../../plugins/protocol.ts'
import { dial, listen, textFrom, until } from '../sockets.ts'

t.test('errors', async t => {
  const lines: string[] = []
  const app = Fastify({ logger: { stream: { write: (line: string) => { lines.push(line) } } } })
  await app.register(errors, { config: loadConfig({}) })
  await app.register(protocol)
  app.get('/broken', async () => { throw new Error('the password is 1234') })
  app.post('/broken', async () => { throw new Error('the password is 1234') })
  app.get('/memory', async () => { throw new OutOfMemory('Insufficient memory (case 4)') })
  app.get('/slow', async () => { throw new DecodeTooSlow() })
  app.post('/only-post', async () => 'ok')
  app.post('/verbs/:name(^[^:/]+)::run', async () => 'ok')
  app.get('/verbs/:name(^[^:/]+)', async () => 'ok')
  app.get('/things/:name', async () => 'ok')
  app.get('/files/*', async () => 'ok')
  await app.register(async app => { app.get('/', async () => 'ok') }, { prefix: '/room' })
  t.teardown(() => app.close())

  t.test('what nobody expected is logged and told to nobody', async t => {
    const response = await app.inject('/broken')
    t.match(response.json(), { statusCode: 500, code: 'SRV_INTERNAL', error: 'Internal Server Error' })
    t.notMatch(response.body, /1234/)
    t.match(lines.join(''), /the password is 1234/)
  })

  t.test('an unexpected error after the body was read is a 500 too, over a real connection', async t => {
    await app.listen({ host: '127.0.0.1', port: 0 })
    const before = lines.length
    const response = await fetch(`${app.listeningOrigin}/broken`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"a":1}' })
    t.equal(response.status, 500)
    t.match(await response.json(), { code: 'SRV_INTERNAL' })
    t.match(lines.slice(before).join(''), /the password is 1234/)
  })

  t.test('too little memory or time to decode is a warning in the log', async t => {
    for (const [path, statusCode, code] of [['/memory', 503, 'SRV_OUT_OF_MEMORY'], ['/slow', 504, 'SRV_DECODE_TOO_SLOW']] as const) {
      const before = lines.length
      t.match((await app.inject(path)).json(), { statusCode, code })
      t.match(lines.slice(before).map(line => JSON.parse(line)).find(({ err }) => err), { level: 40, err: { code } })
    }
  })

  t.test('an unknown path is a 404 that names it, without its query', async t => {
    t.match((await app.inject('/nowhere?secret=1')).json(), { statusCode: 404, code: 'SRV_NOT_FOUND', message: 'There is no GET /nowhere; GET /swagger lists all endpoints.' })
  })

  t.test('a browser gets an error as a page, with the way home from where it is', async t => {
    const { statusCode, headers, body } = await app.inject({ url: '/no/such/page', headers: { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' } })
    t.equal(statusCode, 404)
    t.equal(headers['content-type'], 'text/html; charset=utf-8')
    t.match(headers['content-security-policy'], "script-src 'self'")
    t.match(body, '<h1>Page not found</h1>')
    t.match(body, 'href="../../docs"')
    for (const accept of ['*/*', 'application/json', 'text/html;q=0.1, application/json']) {
      const response = await app.inject({ url: '/no/such/page', headers: { accept } })
      t.equal(response.headers['content-type'], 'application/json; charset=utf-8')
      t.equal(response.headers['vary'], 'Accept')
    }
    const broken = await app.inject({ url: '/broken', headers: { accept: 'text/html' } })
    t.equal(broken.statusCode, 500)
    t.notMatch(broken.body, /1234/)
  })

  t.test('a wrong method is a 405 that names the right ones', async t => {
    const response = await app.inject('/only-post')
    t.equal(response.headers.allow, 'POST')
    t.match(response.json(), { statusCode: 405, code: 'SRV_METHOD_NOT_ALLOWED', message: 'GET is not allowed on /only-post; use POST.' })
    for (const path of ['/things/a.b', '/files/', '/files/a/b', '/room', '/room/']) {
      t.equal((await app.inject({ method: 'POST', url: path })).headers.allow, 'GET, HEAD', path)
    }
    t.equal((await app.inject({ method: 'POST', url: '/things/a/b' })).statusCode, 404)
    t.equal((await app.inject('/verbs/a:run')).headers.allow, 'POST', 'also where a pattern or a verb is part of the path')
    t.equal((await app.inject({ method: 'POST', url: '/verbs/a' })).headers.allow, 'GET, HEAD')
    t.equal((await app.inject({ method: 'POST', url: '/verbs/a:walk' })).statusCode, 404)
  })
})

t.test('a request that arrives while the service closes is answered, and gets its error in the one shape', async t => {
  const app = Fastify(serverOptions)
  await app.register(errors, { config: loadConfig({}) })
  app.post('/', async () => 'answer')
  await listen(t, app)
  const [first, second] = [await dial(t, app), await dial(t, app)]
  const arrived = once(app.server, 'request')
  first.write('POST / HTTP/1.1\r\nhost: a\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{')
  second.write('GET /nowhere HTTP/1.1\r\nhos')
  await arrived
  const closed = app.close()
  await until(() => !app.server.listening)
  second.write('t: a\r\n\r\n')
  t.match(await textFrom(second, '}'), /^HTTP\/1\.1 404 .*"code":"SRV_NOT_FOUND"/s)
  first.write('}')
  t.match(await textFrom(first), /^HTTP\/1\.1 200 /)
  second.destroy()
  await closed
})

t.test('a client that was refused and does not close its side loses the connection', async t => {
  const app = Fastify(serverOptions)
  await listen(t, app)
  const accepted = once(app.server, 'connection')
  const socket = connect({ port: Number(new URL(app.listeningOrigin).port), host: '127.0.0.1', allowHalfOpen: true })
  t.teardown(() => socket.destroy())
  const [served] = await accepted
  const closed = once(served, 'close')
  socket.write('GARBAGE\r\n\r\n')
  const [answer] = await once(socket, 'data')
  t.match(String(answer), /^HTTP\/1\.1 400 /)
  await closed
})
