import { createHash, randomBytes } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, renameSync, utimesSync, writeFileSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { hostname } from 'node:os'
import { join, relative } from 'node:path'
import { Readable } from 'node:stream'
import { pathToFileURL } from 'node:url'
import { create } from 'tar'
import t, { type Test } from 'tap'
import { complete, entriesOf, fetchFiles, fetchModel, list, unfetched, versionOf, type FetchOptions } from '../../../lib/sources/fetch.ts'
import { Final, type Source } from '../../../lib/sources/source.ts'
import { sendFrom as send, serve as serveAll, type Answer } from './server.ts'

const MODEL = randomBytes(300_000)
const CARD = Buffer.from('{"a":"card"}')
const sha256 = createHash('sha256').update(MODEL).digest('hex')

/** Files that lie beside a model, or might. */
const SIBLINGS = /\/[^/]*(?:\.onnx\.data|\.onnx_data)(?:\?|$)/

/** A server of a model with a card, and what it was asked beside the card. */
async function serve (t: Test, answer: Answer) {
  const requests: IncomingMessage[] = []
  const { origin } = await serveAll(t, (request, response) => {
    if (request.url?.startsWith('/card.json')) return response.end(CARD)
    if (SIBLINGS.test(request.url ?? '')) return response.writeHead(404).end()
    requests.push(request)
    answer(request, response)
  })
  return { origin, requests }
}

/** Answers as servers of files do, from what a Range asks for on. */
function sendFrom (request: IncomingMessage, response: ServerResponse, options: { etag?: string, cut?: number } = {}) {
  send(request, response, MODEL, options)
}

async function get (t: Test, url: string, { token, ...options }: Partial<FetchOptions> & { token?: string } = {}, folder = t.testdir()) {
  await fetchModel(folder, url, { token, environment: {} }, { limitBytes: 1_000_000, backoffMs: 5, ...options })
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

t.test('a model without a card is fetched alone, but not one whose card is in trouble', async t => {
  for (const status of [403, 404, 410, 400]) {
    const { origin } = await serveAll(t, (request, response) => {
      if (request.url !== '/model.onnx') return response.writeHead(status).end()
      response.end(MODEL)
    })
    const folder = t.testdir()
    if (status === 400) await t.rejects(get(t, `${origin}/model.onnx`, {}, folder), { message: /card\.json of .*model\.onnx: the server answered 400/ })
    else {
      await get(t, `${origin}/model.onnx`, {}, folder)
      t.same(readdirSync(folder), ['model.onnx'], String(status))
    }
  }
})

t.test('a broken download goes on where it broke', async t => {
  // As long as those of stores that name a file by its SHA-256.
  const etag = `"${sha256}"`
  const { origin, requests } = await serve(t, (request, response) => {
    sendFrom(request, response, { etag, cut: [100_000, 200_000][requests.length - 1] ?? MODEL.length })
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

/** Name of what a process has received of a model: of which URL and state, and on which host, with which number. */
function partName (url: string, etag: string, pid: number, host = hostname()): string {
  const hash = (text: string) => createHash('sha256').update(text).digest('hex').slice(0, 16)
  return `model.onnx.${hash(`${url}\0model.onnx`)}.${Buffer.from(etag).toString('base64url')}.${hash(host)}.${pid}.0.part`
}

/** No process has this number: it is over Linux' limit. */
const NOBODY = 4194305

t.test('what a process left that has ended is taken over, and its file is whole in the end', async t => {
  for (const length of [123_456, MODEL.length]) {
    const { origin, requests } = await serve(t, (request, response) => {
      if (request.headers.range === `bytes=${MODEL.length}-`) response.writeHead(416, { 'content-range': `bytes */${MODEL.length}` }).end()
      else sendFrom(request, response)
    })
    const url = `${origin}/model.onnx`
    const folder = t.testdir()
    writeFileSync(join(folder, partName(url, '"1"', NOBODY)), MODEL.subarray(0, length))
    t.ok((await get(t, url, { sha256 }, folder)).model.equals(MODEL))
    t.equal(requests[0]?.headers.range, `bytes=${length}-`)
    t.same(readdirSync(folder).sort(), ['card.json', 'model.onnx'])
  }
})

t.test('what a process left of another URL is not continued', async t => {
  const { origin, requests } = await serve(t, sendFrom)
  const folder = t.testdir()
  writeFileSync(join(folder, partName('https://elsewhere.example/model.onnx', '"1"', NOBODY)), Buffer.alloc(1000))
  t.ok((await get(t, `${origin}/model.onnx`, {}, folder)).model.equals(MODEL))
  t.equal(requests[0]?.headers.range, undefined)
})

t.test('what a living process is receiving is left alone, here and on another host', async t => {
  for (const [pid, host] of [[process.ppid, hostname()], [process.pid, 'another-container']] as const) {
    const { origin, requests } = await serve(t, sendFrom)
    const url = `${origin}/model.onnx`
    const folder = t.testdir()
    const theirs = partName(url, '"1"', pid, host)
    writeFileSync(join(folder, theirs), MODEL.subarray(0, 10))
    await get(t, url, {}, folder)
    t.equal(requests[0]?.headers.range, undefined)
    t.ok(readdirSync(folder).includes(theirs))
  }
})

t.test('what another host has not touched for some minutes is taken over', async t => {
  const { origin, requests } = await serve(t, sendFrom)
  const url = `${origin}/model.onnx`
  const folder = t.testdir()
  const theirs = join(folder, partName(url, '"1"', process.pid, 'another-container'))
  writeFileSync(theirs, MODEL.subarray(0, 1000))
  utimesSync(theirs, Date.now() / 1000 - 120, Date.now() / 1000 - 120)
  t.ok((await get(t, url, { sha256 }, folder)).model.equals(MODEL))
  t.equal(requests[0]?.headers.range, 'bytes=1000-')
})

t.test('a server that knows Range but not If-Range cannot mix two states of a file', async t => {
  const { origin, requests } = await serve(t, (request, response) => {
    if (requests.length === 1) return sendFrom(request, response, { etag: '"old"', cut: 100_000 })
    const [, first = '0'] = /bytes=(\d+)-/.exec(request.headers.range ?? '') ?? []
    const offset = Number(first)
    response.writeHead(offset ? 206 : 200, {
      etag: '"new"', 'content-length': MODEL.length - offset, ...offset && { 'content-range': `bytes ${offset}-${MODEL.length - 1}/${MODEL.length}` }
    }).end(MODEL.subarray(offset))
  })
  const { folder } = await get(t, `${origin}/model.onnx`)
  t.same(requests.map(({ headers }) => headers.range), [undefined, 'bytes=100000-', undefined])
  t.same(readdirSync(folder).sort(), ['card.json', 'model.onnx'])
})

t.test('a server that lies about the size is not believed', async t => {
  for (const [length, message] of [[MODEL.length + 100, /./], [MODEL.length - 100, /SHA-256/]] as const) {
    const { origin } = await serve(t, (_request, response) => {
      response.strictContentLength = false
      response.writeHead(200, { 'content-length': length })
      response.write(MODEL, () => setTimeout(() => response.destroy(), 200))
    })
    const folder = t.testdir()
    await t.rejects(get(t, `${origin}/model.onnx`, { sha256 }, folder), { code: 'SRV_MODEL_UNFETCHED', message })
    t.notOk(readdirSync(folder).includes('model.onnx'))
  }
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
  t.match(error, { code: 'SRV_MODEL_UNFETCHED', message: `Could not fetch ${origin}/model.onnx?…: the server answered 401 Unauthorized; check what MODEL_TOKEN may read, or get a new URL if it is a signed one.` })
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
    await t.rejects(get(t, `${origin}/model.onnx`, { limitBytes: 1000 }, folder), { message: /over the limit of 1000|more bytes than the limit of 1000/ })
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
  await t.rejects(get(t, pathToFileURL(join(from, 'best.onnx')).href, {}, join(folder, 'other')), { message: /no such file/i })
})

t.test('two at once both end with the whole model', async t => {
  const { origin } = await serve(t, (request, response) => { setTimeout(sendFrom, Math.random() * 50, request, response) })
  const folder = t.testdir()
  await Promise.all([get(t, `${origin}/model.onnx`, { sha256 }, folder), get(t, `${origin}/model.onnx`, { sha256 }, folder)])
  t.ok(readFileSync(join(folder, 'model.onnx')).equals(MODEL))
})

t.test('an archive of a whole folder', async t => {
  const folder = t.testdir({ food: { 'model.onnx': '', 'card.json': '{"an":"archived card"}' }, cardOnly: { 'card.json': '{}' } })
  writeFileSync(join(folder, 'food', 'model.onnx'), MODEL)
  const archive = (name: string) => {
    const file = join(folder, `${name}.tar.gz`)
    create({ sync: true, gzip: true, file, cwd: folder }, [name])
    return file
  }
  const bytes = readFileSync(archive('food'))
  const files = (to: string) => readdirSync(to).sort()

  t.test('is verified before it is unpacked, and its download is resumed', async t => {
    const hash = createHash('sha256').update(bytes).digest('hex')
    const ranges: Array<string | undefined> = []
    const { origin } = await serve(t, (request, response) => {
      const { range } = request.headers
      ranges.push(range)
      const offset = Number(/bytes=(\d+)-/.exec(range ?? '')?.[1] ?? 0)
      response.writeHead(offset ? 206 : 200, { etag: '"t"', 'content-length': bytes.length - offset, 'content-range': `bytes ${offset}-${bytes.length - 1}/${bytes.length}` })
      if (offset) response.end(bytes.subarray(offset))
      else response.write(bytes.subarray(0, 100), () => setTimeout(() => response.destroy(), 200))
    })
    const { folder, model } = await get(t, `${origin}/food.tar.gz?signature=1`, { sha256: hash })
    t.same(ranges, [undefined, 'bytes=100-'])
    t.same(files(folder), ['card.json', 'model.onnx'])
    t.ok(model.equals(MODEL))
    t.equal(readFileSync(join(folder, 'card.json'), 'utf8'), '{"an":"archived card"}')
    const other = join(folder, 'other')
    await t.rejects(get(t, `${origin}/food.tar.gz`, { sha256 }, other), { message: /its SHA-256 is/ })
    t.same(files(other), [])
  })

  t.test('that cannot be unpacked is refused, and leaves nothing', async t => {
    const to = t.testdir()
    await t.rejects(get(t, pathToFileURL(archive('cardOnly')).href, {}, to), { code: 'SRV_MODEL_UNFETCHED', message: /has no model: neither an \.onnx file/ })
    t.same(files(to), [])
  })
})

/** A source of files by their paths. */
function sourceOf (files: Record<string, string>, list?: Source['list']): Source & { opened: string[] } {
  const opened: string[] = []
  return {
    name: 'wine',
    address: 's3://bucket/wine',
    opened,
    list: list ?? async function * () { for (const [path, text] of Object.entries(files)) yield { path, bytes: text.length, version: '1' } },
    async open ({ path }) {
      opened.push(path)
      return { bytes: Readable.from([Buffer.from(files[path] ?? '')]), offsetBytes: 0, validator: '1', totalBytes: null }
    }
  }
}

t.test('a folder brings all its files, the model last', async t => {
  const from = t.testdir({ from: { 'model.onnx': 'model', 'a.txt': 'a', onnx: { 'z.txt': 'z' }, 'zoo.json': '{}' } })
  const folder = join(from, 'to')
  const files: string[] = []
  await fetchModel(folder, join(from, 'from'), { environment: {} }, { limitBytes: 1000, onProgress: file => files.push(relative(folder, file)) })
  t.equal([...new Set(files)].at(-1), 'model.onnx')
  t.same([...new Set(files)].sort(), ['a.txt', join('onnx', 'z.txt'), 'model.onnx', 'zoo.json'].sort())
  t.equal(readFileSync(join(folder, 'onnx', 'z.txt'), 'utf8'), 'z')
})

t.test('external data is fetched with the model that has it', async t => {
  const { origin } = await serveAll(t, (request, response) => {
    if (request.url === '/wine.onnx' || request.url === '/wine.onnx.data') response.end(request.url)
    else response.writeHead(404).end()
  })
  const folder = t.testdir()
  await fetchModel(folder, `${origin}/wine.onnx`, { environment: {} }, { limitBytes: 1000 })
  t.same(readdirSync(folder).sort(), ['model.onnx', 'wine.onnx.data'])
})

t.test('MODEL_SHA256 is of the ONNX file, or of the archive', async t => {
  const options = { limitBytes: 1000, sha256: createHash('sha256').update('model').digest('hex') }
  const entries = (files: Record<string, string>) => Object.entries(files).map(([path, text]) => ({ path, bytes: text.length, version: '1' }))
  for (const files of [{ a: 'a', 'onnx/best.onnx': 'model' }, { a: 'a', 'wine.zip': 'model' }]) {
    await fetchFiles(t.testdir(), { source: sourceOf(files), entries: entries(files) }, options)
  }
  const several = { 'a.onnx': 'model', 'b.onnx': 'model' }
  await t.rejects(fetchFiles(t.testdir(), { source: sourceOf(several), entries: entries(several) }, options), { code: 'SRV_MODEL_UNFETCHED', message: /there are several ONNX files; name one of them/ })
})

t.test('the version of a model is that of all its files', async t => {
  const entries = [{ path: 'model.onnx', bytes: 5, version: '1' }, { path: 'a', bytes: 1, version: null }]
  const source = sourceOf({ a: 'a' })
  t.equal(versionOf({ source, entries }), null)
  const found = await complete({ source, entries }, { limitBytes: 1000 })
  const version = versionOf(found)
  t.match(version, /^[0-9a-f]{64}$/)
  t.same(source.opened, ['a'], 'only the source of a file without one is asked')
  t.equal(versionOf({ source, entries: [...found.entries].reverse() }), version)
  t.not(versionOf({ source, entries: [{ ...entries[0]!, bytes: 6 }, found.entries[1]!] }), version)
})

t.test('a hostile listing is refused before anything is downloaded', async t => {
  // The table of sources has none whose listing a test could write, so that one stands for all.
  const from = t.testdir({ 'model.onnx': 'm', 'a\\b': '' })
  await t.rejects(list(from, { environment: {} }, { limitBytes: 1000 }), { constructor: Final, message: /'a\\b', whose name has a backslash/ })
  await t.rejects(list(t.testdir({ 'readme.txt': '' }), { environment: {} }, { limitBytes: 1000 }), { constructor: Final, message: /^it holds no model: neither an \.onnx file/ })
  await t.rejects(list(t.testdir({ 'a.onnx': 'x'.repeat(600), b: 'x'.repeat(600) }), { environment: {} }, { limitBytes: 1000 }), { constructor: Final, message: /more bytes together than the limit of 1000 \(MODEL_LIMIT\)/ })
  await t.rejects(list(t.testdir({ 'a.onnx': 'x'.repeat(1001) }), { environment: {} }, { limitBytes: 1000 }), { constructor: Final, message: 'the file has 1001 bytes, over the limit of 1000 (MODEL_LIMIT)' })
})

t.test('what lists without an end is left after 10,000 files', async t => {
  for (const count of [100_000, Infinity]) {
    let [listed, isLeft] = [0, false]
    async function * endless () {
      try {
        for (; listed < count; listed++) yield { path: `${listed}.onnx`, bytes: 1, version: '1' }
      } finally {
        isLeft = true
      }
    }
    await t.rejects(entriesOf(sourceOf({}, endless), 1e9), { constructor: Final, message: 'it lists more than 10000 files; name the folder of the model alone' })
    t.equal(listed, 10_000)
    t.ok(isLeft)
  }
})

for (const path of ['../model.onnx', '/etc/model.onnx', 'a\\..\\model.onnx', 'a\0.onnx', 'C:model.onnx', 'MODEL.onnx']) {
  t.test(`a listing with ${JSON.stringify(path)} is refused`, async t => {
    async function * hostile () { for (const each of ['model.onnx', path]) yield { path: each, bytes: 1, version: '1' } }
    const source = sourceOf({}, hostile)
    await t.rejects(entriesOf(source, 1000), { constructor: Final, message: /^it lists the file '/ })
    t.same(source.opened, [])
  })
}

t.test('an endless body is stopped at the limit, and a wrong length or range never becomes a model', async t => {
  for (const answer of [
    (_request: IncomingMessage, response: ServerResponse) => {
      const more = () => { while (response.write(Buffer.alloc(1 << 16))); }
      response.on('drain', more)
      more()
    },
    (_request: IncomingMessage, response: ServerResponse) => {
      response.strictContentLength = false
      response.writeHead(200, { etag: '"1"', 'content-length': MODEL.length + 10 }).write(MODEL, () => setTimeout(() => response.destroy(), 50))
    },
    (request: IncomingMessage, response: ServerResponse) => {
      if (request.headers.range === undefined) return sendFrom(request, response, { cut: 1000 })
      response.writeHead(206, { etag: '"1"', 'content-range': `bytes 0-${MODEL.length - 1}/${MODEL.length}` }).end(MODEL)
    },
    (request: IncomingMessage, response: ServerResponse) => {
      if (request.headers.range === undefined) return sendFrom(request, response, { cut: 1000 })
      response.writeHead(206, { etag: '"1"', 'content-range': `bytes ${/\d+/.exec(request.headers.range)?.[0]}-${MODEL.length}/999999999999` }).end(MODEL)
    }
  ]) {
    const { origin } = await serve(t, answer)
    const folder = t.testdir()
    await t.rejects(get(t, `${origin}/model.onnx`, {}, folder), { code: 'SRV_MODEL_UNFETCHED' })
    t.notOk(readdirSync(folder).includes('model.onnx'))
  }
})

t.test('an error holds no secrets of an address', async t => {
  for (const address of ['https://me:hush@127.0.0.1:9/model.onnx', 'https://me:hu/sh@127.0.0.1:9/model.onnx?a=hush', 'http://127.0.0.1:9/model.onnx?signature=hush', 'unknown://me:hush@host/']) {
    const error = await get(t, address).catch((error: unknown) => error)
    t.match(error, { code: 'SRV_MODEL_UNFETCHED' })
    t.notMatch(`${String(error)} ${JSON.stringify(error)}`, 'hush', address)
  }
  t.match(unfetched('a', new Error('why')), { code: 'SRV_MODEL_UNFETCHED', message: 'Could not fetch a: why.' })
})
