import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import t, { type Test } from 'tap'
import { fetchModel, type FetchOptions } from '../../../lib/model/fetch.ts'

const MODEL = randomBytes(300_000)
const CARD = Buffer.from('{"a":"card"}')
const sha256 = createHash('sha256').update(MODEL).digest('hex')

/** A server on the loopback, and what it was asked. */
async function serve (t: Test, answer: (request: IncomingMessage, response: ServerResponse) => void) {
  const requests: IncomingMessage[] = []
  const server = createServer((request, response) => {
    if (request.url?.startsWith('/card.json')) return response.end(CARD)
    requests.push(request)
    answer(request, response)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => { server.closeAllConnections(); server.close() })
  const address = server.address()
  return { origin: `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`, requests }
}

/** Answers as servers of files do, from what a Range asks for on. */
function sendFrom (request: IncomingMessage, response: ServerResponse, { etag = '"1"', cut = MODEL.length } = {}) {
  const [, first = '0'] = /bytes=(\d+)-/.exec(request.headers.range ?? '') ?? []
  const offset = request.headers['if-range'] === etag ? Number(first) : 0
  const range = offset > 0 ? { 'content-range': `bytes ${offset}-${MODEL.length - 1}/${MODEL.length}` } : {}
  response.writeHead(offset > 0 ? 206 : 200, { etag, 'content-length': MODEL.length - offset, ...range })
  response.write(MODEL.subarray(offset, cut), () => {
    if (cut < MODEL.length) setTimeout(() => response.destroy(), 20)
    else response.end()
  })
}

async function get (t: Test, url: string, options: Partial<FetchOptions> = {}, folder = t.testdir()) {
  await fetchModel(folder, { url, limit: 1_000_000, backoff: 5, ...options })
  return { folder, model: readFileSync(join(folder, 'model.onnx')) }
}

t.test('a model and its card are fetched whole, with progress and with nothing left beside them', async t => {
  const { origin } = await serve(t, sendFrom)
  const progress: number[] = []
  const { folder, model } = await get(t, `${origin}/model.onnx`, { sha256, onProgress: (file, received) => { if (file.endsWith('.onnx')) progress.push(received) } })
  t.ok(model.equals(MODEL))
  t.same(readFileSync(join(folder, 'card.json')), CARD)
  t.same(readdirSync(folder).sort(), ['card.json', 'model.onnx'])
  t.equal(progress.at(-1), MODEL.length)
})

t.test('a card that is there stays', async t => {
  const { origin } = await serve(t, sendFrom)
  const { folder } = await get(t, `${origin}/model.onnx`, {}, t.testdir({ 'card.json': 'mine' }))
  t.equal(readFileSync(join(folder, 'card.json'), 'utf8'), 'mine')
})

t.test('a broken download goes on where it broke', async t => {
  const { origin, requests } = await serve(t, (request, response) => {
    sendFrom(request, response, { cut: [100_000, 200_000][requests.length - 1] ?? MODEL.length })
  })
  const { model } = await get(t, `${origin}/model.onnx`, { sha256 })
  t.ok(model.equals(MODEL))
  t.equal(requests.length, 3)
  t.same(requests.map(({ headers }) => headers.range), [undefined, 'bytes=100000-', 'bytes=200000-'])
})

t.test('a file that has changed meanwhile is fetched anew', async t => {
  const { origin, requests } = await serve(t, (request, response) => {
    sendFrom(request, response, requests.length === 1 ? { etag: '"old"', cut: 100_000 } : { etag: '"new"' })
  })
  const { folder, model } = await get(t, `${origin}/model.onnx`)
  t.ok(model.equals(MODEL))
  t.same(readdirSync(folder).sort(), ['card.json', 'model.onnx'])
})

t.test('without a validator nothing is resumed', async t => {
  const { origin, requests } = await serve(t, (request, response) => {
    sendFrom(request, response, { etag: 'W/"weak"', cut: requests.length === 1 ? 1000 : MODEL.length })
  })
  t.ok((await get(t, `${origin}/model.onnx`)).model.equals(MODEL))
  t.equal(requests[1]?.headers.range, undefined)
})

t.test('what a process left that has ended is taken over', async t => {
  const { origin, requests } = await serve(t, sendFrom)
  const folder = t.testdir()
  const encoded = Buffer.from('"1"').toString('base64url')
  // No process has this number: it is over Linux' limit.
  writeFileSync(join(folder, `model.onnx.${encoded}.4194305.part`), MODEL.subarray(0, 123_456))
  t.ok((await get(t, `${origin}/model.onnx`, { sha256 }, folder)).model.equals(MODEL))
  t.equal(requests[0]?.headers.range, 'bytes=123456-')
  t.same(readdirSync(folder).sort(), ['card.json', 'model.onnx'])
})

t.test('what a living process is receiving is left alone', async t => {
  const { origin, requests } = await serve(t, sendFrom)
  const folder = t.testdir()
  const theirs = `model.onnx.${Buffer.from('"1"').toString('base64url')}.${process.ppid}.part`
  writeFileSync(join(folder, theirs), MODEL.subarray(0, 10))
  await get(t, `${origin}/model.onnx`, {}, folder)
  t.equal(requests[0]?.headers.range, undefined)
  t.ok(readdirSync(folder).includes(theirs))
})

t.test('a server in trouble is asked again', async t => {
  const { origin, requests } = await serve(t, (request, response) => {
    if (requests.length < 3) response.writeHead(503).end()
    else sendFrom(request, response)
  })
  t.ok((await get(t, `${origin}/model.onnx`)).model.equals(MODEL))
})

t.test('a refusal is final, and names the URL without its secrets', async t => {
  const { origin, requests } = await serve(t, (_request, response) => { response.writeHead(401).end() })
  const folder = t.testdir()
  const error = await get(t, `${origin}/model.onnx?signature=hush`, { token: 'hush-hush' }, folder).catch(error => error)
  t.match(error, { code: 'SRV_MODEL_UNFETCHED', message: `Could not fetch ${origin}/model.onnx?…: the server answered 401 Unauthorized.` })
  t.equal(requests.length, 1)
  t.same(readdirSync(folder), ['card.json'])
  await t.rejects(get(t, origin.replace('//', '//me:hush@')), { message: /credentials in the URL are not sent; use MODEL_TOKEN/ })
})

t.test('a server that is not there is told by its reason, after some attempts', async t => {
  await t.rejects(get(t, 'http://127.0.0.1:9/model.onnx'), { code: 'SRV_MODEL_UNFETCHED', message: /bad port|ECONNREFUSED/ })
  await t.rejects(get(t, 'ftp://127.0.0.1/model.onnx'), { message: /'ftp:' is not one of https: http: file:/ })
})

t.test('what is too large is refused: at once where it says so, and else where it goes over', async t => {
  for (const length of [true, false]) {
    const { origin, requests } = await serve(t, (_request, response) => {
      response.writeHead(200, length ? { 'content-length': MODEL.length } : {})
      response.end(MODEL)
    })
    const folder = t.testdir()
    await t.rejects(get(t, `${origin}/model.onnx`, { limit: 1000 }, folder), { message: /over the limit of 1000|more bytes than the limit of 1000/ })
    t.equal(requests.length, 1)
    t.same(readdirSync(folder), ['card.json'])
  }
})

t.test('bytes that are not the ones expected never become a model', async t => {
  const { origin } = await serve(t, sendFrom)
  const folder = t.testdir()
  await t.rejects(get(t, `${origin}/model.onnx`, { sha256: '0'.repeat(64) }, folder), { message: new RegExp(`its SHA-256 is ${sha256}, not 0{64}`) })
  t.same(readdirSync(folder), ['card.json'])
})

t.test('the token goes to the server of the URL, and not on to where that redirects', async t => {
  const storage = await serve(t, sendFrom)
  const { origin, requests } = await serve(t, (request, response) => {
    if (request.url === '/model.onnx') response.writeHead(302, { location: '/here' }).end()
    else response.writeHead(302, { location: `${storage.origin}/model.onnx` }).end()
  })
  t.ok((await get(t, `${origin}/model.onnx`, { token: 'secret' })).model.equals(MODEL))
  t.same(requests.map(({ headers }) => headers.authorization), ['token secret', 'token secret'])
  t.equal(storage.requests[0]?.headers.authorization, undefined)
  const bearer = await serve(t, sendFrom)
  await get(t, `${bearer.origin}/model.onnx`, { token: 'Bearer secret' })
  t.equal(bearer.requests[0]?.headers.authorization, 'Bearer secret')
})

t.test('a file is copied', async t => {
  const folder = t.testdir()
  const from = join(folder, 'from')
  mkdirSync(from)
  writeFileSync(join(from, 'best.onnx'), MODEL)
  writeFileSync(join(from, 'card.json'), CARD)
  t.ok((await get(t, pathToFileURL(join(from, 'best.onnx')).href, { sha256 }, join(folder, 'to'))).model.equals(MODEL))
  renameSync(join(from, 'best.onnx'), join(from, 'gone'))
  await t.rejects(get(t, pathToFileURL(join(from, 'best.onnx')).href, {}, join(folder, 'other')), { message: /no such file/ })
})

t.test('two at once both end with the whole model', async t => {
  const { origin } = await serve(t, (request, response) => { setTimeout(sendFrom, Math.random() * 50, request, response) })
  const folder = t.testdir()
  await Promise.all([get(t, `${origin}/model.onnx`, { sha256 }, folder), get(t, `${origin}/model.onnx`, { sha256 }, folder)])
  t.ok(readFileSync(join(folder, 'model.onnx')).equals(MODEL))
})
