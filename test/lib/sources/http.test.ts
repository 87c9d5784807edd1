import { createServer } from 'node:https'
import { networkInterfaces } from 'node:os'
import { gzipSync } from 'node:zlib'
import t, { type Test } from 'tap'
import { errorOf, openUrl, readText, reasonOf, request, requestJson, validatorOf, withoutSecrets } from '../../../lib/sources/http.ts'
import { Absent, Final } from '../../../lib/sources/source.ts'
import { cert, key } from '../../fixtures/tls.ts'
import { listen, sendFrom, serve } from './server.ts'

const FILE = Buffer.from('0123456789')
const NOTHING = { offsetBytes: 0, validator: '' }

async function bytesOf (bytes: AsyncIterable<Uint8Array>): Promise<string> {
  const pieces: Uint8Array[] = []
  for await (const piece of bytes) pieces.push(piece)
  return Buffer.concat(pieces).toString()
}

/** An address of this machine that is not loopback, if it has one. */
function ownAddress (): string | undefined {
  return Object.values(networkInterfaces()).flat().find(each => each?.family === 'IPv4' && !each.internal && !each.address.startsWith('169.254.'))?.address
}

async function redirecting (t: Test, location: string, { host = '127.0.0.1', status = 302 } = {}) {
  return await serve(t, (_request, response) => { response.writeHead(status, { location }).end() }, host)
}

t.test('a request carries its method, headers and body, and asks for no compression', async t => {
  const { origin, requests } = await serve(t, (request, response) => { request.pipe(response) })
  const answer = await request(new URL(`${origin}/a?b=c`), { method: 'POST', headers: { accept: 'text/plain' }, secrets: { authorization: 'Bearer hush' }, body: 'hello' })
  t.equal(await readText(answer, 100), 'hello')
  t.match(requests[0], { method: 'POST', url: '/a?b=c', headers: { accept: 'text/plain', authorization: 'Bearer hush', 'accept-encoding': 'identity', 'user-agent': /^servery\/\d/ } })
})

t.test('secrets go to the origin of the URL alone, and are not sent again after a way around', async t => {
  const last = await serve(t, (_request, response) => { response.end('model') })
  const second = await redirecting(t, `${last.origin}/c`)
  const first = await serve(t, (request, response) => {
    response.writeHead(307, { location: request.url === '/a' ? '/b' : `${second.origin}/` }).end()
  })
  const answer = await request(new URL(`${first.origin}/a`), { headers: { accept: '*/*' }, secrets: { authorization: 'hush', 'x-token': 'hush' } })
  t.equal(await readText(answer, 100), 'model')
  t.equal(answer.url.href, `${last.origin}/c`)
  t.same(first.requests.map(({ headers }) => headers['x-token']), ['hush', 'hush'])
  for (const { requests } of [second, last]) {
    t.notMatch(JSON.stringify(requests[0]?.headers), 'hush')
    t.equal(requests[0]?.headers.accept, '*/*')
  }
  const back = await serve(t, (request, response) => {
    if (request.url === '/end') return response.end()
    response.writeHead(302, { location: `${away.origin}/` }).end()
  })
  const away = await serve(t, (_request, response) => { response.writeHead(302, { location: `${back.origin}/end` }).end() })
  await readText(await request(new URL(`${back.origin}/`), { secrets: { authorization: 'hush' } }), 10)
  t.same(back.requests.map(({ headers }) => headers.authorization), ['hush', undefined])
})

t.test('redirects that go round, leave HTTP, name a user or are no URL are refused', async t => {
  const loop: { origin: string, requests: unknown[] } = await serve(t, (_request, response) => { response.writeHead(302, { location: `${loop.origin}/again` }).end() })
  await t.rejects(request(new URL(loop.origin)), { constructor: Final, message: 'the server redirects more than 5 times' })
  t.equal(loop.requests.length, 6)
  for (const [location, message] of [
    ['file:///etc/passwd', /from http: to file:, which is not followed/],
    ['ftp://127.0.0.1/', /to ftp:/],
    ['http://me:hush@127.0.0.1/', /^credentials in the URL are not sent$/],
    ['http://[', /not a URL/]
  ] as const) {
    const { origin } = await redirecting(t, location)
    const error = await request(new URL(origin)).catch(error => error)
    t.match(error, { constructor: Final, message }, location)
    t.notMatch(error.message, 'hush')
  }
  await t.rejects(request(new URL('http://me:hush@127.0.0.1/')), { message: /^credentials in the URL are not sent; use MODEL_TOKEN$/ })
  await t.rejects(request(new URL('ftp://127.0.0.1/')), { message: /'ftp:' is not one of/ })
})

t.test('a redirect never leads from https to http', async t => {
  // Nobody signed the certificate of the test.
  process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = '0'
  t.teardown(() => { delete process.env['NODE_TLS_REJECT_UNAUTHORIZED'] })
  const plain = await serve(t, (_request, response) => { response.end('model') })
  const { origin } = await listen(t, createServer({ key, cert }), (request, response) => {
    if (request.url === '/model') response.end('model')
    else response.writeHead(302, { location: request.url === '/up' ? '/model' : `${plain.origin}/model` }).end()
  }, 'localhost', 'https')
  t.equal(await readText(await request(new URL(`${origin}/up`)), 10), 'model')
  await t.rejects(request(new URL(`${origin}/down`)), { constructor: Final, message: 'the server redirects from https: to http:, which is not followed' })
  t.equal(plain.requests.length, 0)
  const up = await redirecting(t, `${origin}/model`)
  t.equal(await readText(await request(new URL(up.origin)), 10), 'model')
})

t.test('nothing leads to a link-local address', async t => {
  for (const host of ['169.254.169.254', '[::ffff:169.254.169.254]', '[fe80::1]', '2852039166', '[fd00:ec2::254]']) {
    await t.rejects(request(new URL(`http://${host}/latest/meta-data/`)), { constructor: Final, message: /which no model may come from/ }, host)
    const { origin } = await redirecting(t, `http://${host}/latest/meta-data/`)
    await t.rejects(request(new URL(origin)), { constructor: Final, message: /which no model may come from/ }, host)
  }
})

t.test('a redirect leads to no less public network than where it comes from', { skip: ownAddress() === undefined && 'this machine has a loopback address alone' }, async t => {
  const inside = await serve(t, (_request, response) => { response.end('secret') })
  const { port } = new URL(inside.origin)
  for (const host of ['127.0.0.1', 'localhost', '[::ffff:127.0.0.1]', '0.0.0.0', '127.1', '[::1]']) {
    const { origin } = await redirecting(t, `http://${host}:${port}/`, { host: ownAddress()! })
    await t.rejects(request(new URL(origin)), { constructor: Final, message: /is a loopback address, to which a redirect from a more public network may not lead/ }, host)
  }
  t.equal(inside.requests.length, 0)
  // What the operator names may be on this machine, and redirect within it.
  const { origin } = await redirecting(t, inside.origin)
  t.equal(await readText(await request(new URL(origin)), 10), 'secret')
  const round = await redirecting(t, origin, { host: ownAddress()! })
  const out = await redirecting(t, round.origin)
  await t.rejects(request(new URL(out.origin)), { message: /is a loopback address/ }, 'also by a way around')
})

t.test('after a redirect of a POST its body is sent again only if the status says so', async t => {
  const { origin, requests } = await serve(t, (request, response) => {
    const status = Number(request.url?.slice(1))
    if (status) response.writeHead(status, { location: '/' }).end()
    else request.pipe(response)
  })
  for (const [status, body] of [[302, ''], [303, ''], [307, 'hello'], [308, 'hello']] as const) {
    t.equal(await readText(await request(new URL(`${origin}/${status}`), { method: 'POST', body: 'hello' }), 10), body)
    t.equal(requests.at(-1)?.method, body ? 'POST' : 'GET', String(status))
  }
})

t.test('a document of JSON is read whole, and bounded', async t => {
  const { origin } = await serve(t, (request, response) => {
    if (request.url === '/json') return response.end('{"a":[1]}')
    if (request.url === '/text') return response.end('<html>')
    if (request.url === '/endless') {
      const more = () => { while (response.write(Buffer.alloc(1 << 16, ' '))); }
      response.on('drain', more)
      return more()
    }
    if (request.url === '/gzip') return response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync('{}'))
    response.writeHead(Number(request.url?.slice(1))).end()
  })
  const ask = (path: string) => requestJson(new URL(path, origin))
  t.same(await ask('/json'), { a: [1] })
  await t.rejects(ask('/text'), { constructor: Final, message: /is not JSON/ })
  await t.rejects(ask('/endless'), { constructor: Final, message: 'the answer of the server has more bytes than the limit of 16777216' })
  await t.rejects(ask('/gzip'), { constructor: Final, message: /compresses the answer \(gzip\)/ })
  for (const status of [403, 404, 410]) t.ok(await ask(`/${status}`).catch((error: unknown) => error) instanceof Absent, String(status))
  await t.rejects(ask('/401'), { constructor: Final, message: 'the server answered 401 Unauthorized' })
  for (const status of [500, 503, 408, 429]) t.notOk(await ask(`/${status}`).catch((error: unknown) => error) instanceof Final, String(status))
})

t.test('a file is opened at an offset, if it is still the same', async t => {
  const { origin, requests } = await serve(t, (request, response) => { sendFrom(request, response, FILE) })
  const url = new URL(`${origin}/a?signature=1`)
  const whole = await openUrl(url, NOTHING)
  t.match(whole, { offsetBytes: 0, totalBytes: 10, validator: '"1"' })
  t.equal(await bytesOf(whole.bytes), '0123456789')
  const rest = await openUrl(url, { offsetBytes: 4, validator: '"1"' }, { headers: { 'x-a': 'b' }, secrets: { authorization: 'hush' } })
  t.match(rest, { offsetBytes: 4, totalBytes: 10, validator: '"1"' })
  t.equal(await bytesOf(rest.bytes), '456789')
  t.match(requests[1], { url: '/a?signature=1', headers: { range: 'bytes=4-', 'if-range': '"1"', 'x-a': 'b', authorization: 'hush' } })
  t.equal((await openUrl(url, { offsetBytes: 4, validator: '"0"' })).offsetBytes, 0, 'it has changed')
})

t.test('a wrong range is not taken for the right one', async t => {
  let range = ''
  const { origin } = await serve(t, (request, response) => {
    if (request.headers.range === undefined && range !== 'unasked') return response.writeHead(200, { etag: '"2"' }).end(FILE)
    response.writeHead(range === '416' ? 416 : 206, { etag: range === 'other' ? '"2"' : '"1"', 'content-range': range }).end('56789')
  })
  const open = (offsetBytes: number) => openUrl(new URL(origin), { offsetBytes, validator: '"1"' })
  for (range of ['bytes 3-9/10', 'bytes 5-4/10', 'bytes 5-9', 'bytes five-9/10', 'bytes -5-9/10', '', 'items 5-9/10']) {
    await t.rejects(open(5), { message: 'the server sent another part of the file than requested' }, range)
  }
  range = 'bytes 5-9/*'
  t.match(await open(5), { offsetBytes: 5, totalBytes: null })
  for (range of ['other', '416']) t.match(await open(5), { offsetBytes: 0, validator: '"2"' }, range)
  range = 'unasked'
  await t.rejects(open(0), { message: /another part/ })
})

t.test('a body that ends early is an error, and one whose connection is closed is left', async t => {
  const { origin } = await serve(t, (request, response) => { sendFrom(request, response, FILE, { cut: 5 }) })
  const { bytes } = await openUrl(new URL(origin), NOTHING)
  await t.rejects(bytesOf(bytes))
  const answer = await request(new URL(origin))
  answer.discard()
})

t.test('a server that cannot be reached is told by its reason', async t => {
  await t.rejects(request(new URL('http://127.0.0.1:9/')), { message: /ECONNREFUSED 127\.0\.0\.1:9; check the address, and whether the server runs$/ })
  await t.rejects(request(new URL('http://nowhere.invalid/')), { message: /ENOTFOUND|EAI_AGAIN/ })
})

t.test('the version of a file is its strong ETag, or its date', async t => {
  t.equal(validatorOf({ etag: '"1"', 'last-modified': 'today' }), '"1"')
  t.equal(validatorOf({ etag: 'W/"1"', 'last-modified': 'today' }), 'today')
  t.equal(validatorOf({}), '')
})

t.test('messages hold no secrets, and the reason alone', async t => {
  t.equal(withoutSecrets(new URL('https://me:hush@a.example:8443/b/c?signature=hush#hush')), 'https://a.example:8443/b/c?…')
  t.equal(reasonOf(new AggregateError([new Error('first'), new Error('second')])), 'first')
  t.equal(reasonOf(new Error('why')), 'why')
  t.equal(reasonOf(new Error('write EPROTO 80EC:error:0A00010B:SSL routines:ssl3_get_record:wrong version number:../ssl3_record.c:350:\n')), 'TLS fails: wrong version number')
  t.equal(reasonOf('why'), 'why')
  t.match(errorOf({ status: 404 }), { constructor: Absent, message: 'the server answered 404 Not Found' })
  t.match(errorOf({ status: 799 }), { message: 'the server answered 799' })
})
