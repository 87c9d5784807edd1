import Fastify, { type FastifyInstance } from 'fastify'
import t, { type Test } from 'tap'
import { loadConfig } from '../../lib/config.ts'
import { Unauthorized } from '../../lib/errors.ts'
import errors, { serverOptions as errorOptions } from '../../plugins/errors.ts'
import logging from '../../plugins/logging.ts'
import protocol, { serverOptions } from '../../plugins/protocol.ts'
import { build } from '../helper.ts'
import { dial, listen, textFrom, until } from '../sockets.ts'

/** A service with its access log. */
async function open (t: Test) {
  const lines: Array<Record<string, unknown>> = []
  const app = Fastify({
    ...errorOptions, ...serverOptions, logger: { stream: { write: (line: string) => { lines.push(JSON.parse(line)) } } }
  })
  await app.register(logging)
  await app.register(errors, { config: loadConfig({}) })
  await app.register(protocol)
  app.addHook('onRequest', async request => { if (request.headers.authorization) throw new Unauthorized('no') })
  app.get('/things/:name', async ({ params }) => params)
  app.post('/things', async ({ body }) => ({ body }))
  await listen(t, app)
  return { app, lines }
}

/** Sends a request over a bare connection and reads everything up to the end of the connection. */
async function ask (t: Test, app: FastifyInstance, request: string): Promise<{ status: number, head: string, body: string }> {
  const socket = await dial(t, app)
  socket.write(request.replace('\r\n', '\r\nconnection: close\r\n'))
  const answer = await textFrom(socket)
  const [head = '', ...rest] = answer.split('\r\n\r\n')
  return { status: Number(head.split(' ')[1]), head, body: rest.join('\r\n\r\n') }
}

const WRONG: Array<[name: string, request: string, status: number, code: string]> = [
  ['no Host', 'GET /things/a HTTP/1.1\r\n\r\n', 400, 'SRV_REQUEST_INVALID'],
  ['two Hosts', 'GET /things/a HTTP/1.1\r\nHost: a\r\nhost: b\r\n\r\n', 400, 'SRV_REQUEST_INVALID'],
  ['the same Host twice', 'GET /things/a HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n', 400, 'SRV_REQUEST_INVALID'],
  ['a Host that is none', 'GET /things/a HTTP/1.1\r\nHost: a/b@c\r\n\r\n', 400, 'SRV_REQUEST_INVALID'],
  ['a URL that cannot be decoded', 'GET /things/%zz HTTP/1.1\r\nHost: a\r\n\r\n', 400, 'SRV_REQUEST_INVALID'],
  ['a URL that is not UTF-8', 'GET /%E0%A4 HTTP/1.1\r\nHost: a\r\n\r\n', 400, 'SRV_REQUEST_INVALID'],
  ['an expectation that nobody knows', 'POST /things HTTP/1.1\r\nHost: a\r\nExpect: cake\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}', 417, 'SRV_EXPECTATION_FAILED'],
  ['CONNECT', 'CONNECT example.org:443 HTTP/1.1\r\nHost: example.org:443\r\n\r\n', 404, 'SRV_NOT_FOUND'],
  ['an upgrade of an unknown path', 'GET /nowhere HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\n\r\n', 404, 'SRV_NOT_FOUND'],
  ['a method of WebDAV', 'PROPFIND /things/a HTTP/1.1\r\nHost: a\r\n\r\n', 405, 'SRV_METHOD_NOT_ALLOWED'],
  ['a wrong method, with a body that is no JSON', 'POST /things/a HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 1\r\n\r\n{', 405, 'SRV_METHOD_NOT_ALLOWED'],
  ['an unknown path, with a body that is no JSON', 'POST /nowhere HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 1\r\n\r\n{', 404, 'SRV_NOT_FOUND'],
  ['an unknown path with HTTP/1.0', 'GET /nowhere HTTP/1.0\r\n\r\n', 404, 'SRV_NOT_FOUND'],
  ['a path parameter of 10,000 characters', `PUT /things/${'x'.repeat(10_000)} HTTP/1.1\r\nHost: a\r\n\r\n`, 405, 'SRV_METHOD_NOT_ALLOWED']
]

t.test('a request that HTTP forbids, or that no route takes', async t => {
  const { app, lines } = await open(t)
  for (const [name, request, status, code] of WRONG) {
    t.test(`gets its error in the one shape, and a line in the access log: ${name}`, async t => {
      const { head, body } = await ask(t, app, request)
      t.match(head, new RegExp(`^HTTP/1\\.1 ${status} `))
      t.match(head, /content-type: application\/json/i)
      t.match(JSON.parse(body), { statusCode: status, code, error: String, message: String })
      const [method, path] = request.split(' ')
      await until(() => lines.some(line => line['msg'] === 'request' && line['method'] === method && line['path'] === path))
      t.match(lines.splice(0).filter(({ msg }) => msg === 'request'), [{ statusCode: status }])
    })
  }
})

t.test('a request of another protocol gets its error in the one shape', async t => {
  const { app } = await open(t)
  const requests: Array<[request: string, status: number, code: string]> = [
    ['PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 505, 'SRV_VERSION_UNSUPPORTED'],
    ['GET /things/a HTTP/3.0\r\nHost: a\r\n\r\n', 505, 'SRV_VERSION_UNSUPPORTED'],
    ['\x16\x03\x01\r\n', 400, 'SRV_REQUEST_INVALID'],
    ['POST /things HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n', 400, 'SRV_REQUEST_INVALID'],
    [`POST /things HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n2;${'a'.repeat(20_000)}\r\n{}\r\n0\r\n\r\n`, 400, 'SRV_REQUEST_INVALID']
  ]
  for (const [request, status, code] of requests) {
    const socket = await dial(t, app)
    socket.write(request)
    const [head = '', body = ''] = (await textFrom(socket)).split('\r\n\r\n')
    t.match(head, new RegExp(`^HTTP/1\\.1 ${status} `), request.slice(0, 20))
    t.match(JSON.parse(body), { statusCode: status, code, error: String, message: String })
  }
})

t.test('a request that is right is answered', async t => {
  const { app } = await open(t)
  for (const host of ['a', 'a.example:8000', '[::1]:8000', '127.0.0.1', 'a_b', '']) t.equal((await ask(t, app, `GET /things/a HTTP/1.1\r\nHost: ${host}\r\n\r\n`)).status, 200, host)
  t.equal((await ask(t, app, 'GET /things/a HTTP/1.0\r\n\r\n')).status, 200, 'HTTP/1.0 needs no Host')
  t.equal((await ask(t, app, 'GET /things/caf%C3%A9%20%25?q=%zz HTTP/1.1\r\nHost: a\r\n\r\n')).body, '{"name":"café %"}')
})

t.test('a HEAD request gets the status of its error and no body', async t => {
  const { app } = await open(t)
  t.match(await ask(t, app, 'HEAD /things/%zz HTTP/1.1\r\nHost: a\r\n\r\n'), { status: 400, body: '' })
})

t.test('a client that sends CONNECT and resets its connection does no harm', async t => {
  const { app, lines } = await open(t)
  const socket = await dial(t, app)
  socket.write('CONNECT example.org:443 HTTP/1.1\r\nHost: example.org:443\r\n\r\n')
  socket.resetAndDestroy()
  await until(() => lines.some(line => line['method'] === 'CONNECT'))
  t.equal((await ask(t, app, 'GET /things/a HTTP/1.1\r\nHost: a\r\n\r\n')).status, 200)
})

t.test('a client that waits before it sends its body', async t => {
  const { app } = await open(t)
  const head = (more = '', path = '/things') => `POST ${path} HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Type: application/json\r\nContent-Length: 7\r\n${more}\r\n`

  t.test('is told to continue, and then answered', async t => {
    const socket = await dial(t, app)
    socket.write(head())
    t.equal(await textFrom(socket, '\r\n\r\n'), 'HTTP/1.1 100 Continue\r\n\r\n')
    socket.write('{"a":1}')
    t.match(await textFrom(socket, '}}'), /^HTTP\/1\.1 200 .*\{"body":\{"a":1\}\}$/s)
  })

  t.test('gets the error at once where its headers decide, and the connection closes', async t => {
    for (const [request, status] of [[head('Authorization: x\r\n'), 401], [head('', '/nowhere'), 404], [head('', '/things/a'), 405]] as const) {
      const socket = await dial(t, app)
      socket.write(request)
      t.match(await textFrom(socket), new RegExp(`^HTTP/1\\.1 ${status} `))
    }
  })
})

t.test('the whole service', async t => {
  const app = await build(t, { MODEL_NAME: 'iris' })
  await listen(t, app)

  t.test('refuses a body that says it is too large with 413, before it says continue', async t => {
    const socket = await dial(t, app)
    socket.write('POST /predict HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Type: application/json\r\nContent-Length: 999999999\r\n\r\n')
    t.match(await textFrom(socket), /^HTTP\/1\.1 413 .*SRV_BODY_TOO_LARGE/s)
  })

  t.test('has nothing outside the folders of its files', async t => {
    for (const path of ['/assets/../../package.json', '/assets/%2e%2e/package.json', '/assets/..%2f..%2fpackage.json', '/swagger/static/../../package.json', '/assets/missing.js']) {
      const { body } = await ask(t, app, `GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`)
      t.match(JSON.parse(body), { statusCode: 404, code: 'SRV_NOT_FOUND', message: `There is no GET ${path}; GET /swagger lists all endpoints.` })
    }
  })

  t.test('counts what no route takes, and sets the headers for browsers', async t => {
    const { head } = await ask(t, app, 'PROPFIND /predict HTTP/1.1\r\nHost: a\r\n\r\n')
    t.match(head, /^HTTP\/1\.1 405 .*allow: POST\r\n/is)
    t.match(head, /x-content-type-options: nosniff/i)
    const { body } = await ask(t, app, 'GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n')
    t.match(body, 'servery_http_request_duration_seconds_count{method="PROPFIND",route="unknown",status="405",dialect="native"} 1')
  })
})
