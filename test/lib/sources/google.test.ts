import { createHash } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import t, { type Test } from 'tap'
import { openGoogle } from '../../../lib/sources/google.ts'
import { Absent, Final, type Entry, type Piece } from '../../../lib/sources/source.ts'
import { serve } from './server.ts'

const TOKEN = 'ya29.TheTokenOfTheTest'
const START = { offsetBytes: 0, validator: '' }

const md5 = (text: string, encoding: 'base64' | 'hex') => createHash('md5').update(text).digest(encoding)

function resourceOf (name: string, text: string): Record<string, string> {
  return { kind: 'storage#object', name, size: String(Buffer.byteLength(text)), md5Hash: md5(text, 'base64'), generation: '1700000000000001' }
}

function json (response: ServerResponse, status: number, body: unknown) {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}

/** A small Google Cloud Storage: one bucket, two objects on a page; takes one token. */
async function store (t: Test, objects: Record<string, string>, { token = TOKEN, answer = () => false }: { token?: string, answer?: (request: IncomingMessage, response: ServerResponse) => boolean } = {}) {
  const served = await serve(t, (request, response) => {
    if (answer(request, response)) return
    if (token && request.headers.authorization !== `Bearer ${token}`) return json(response, 401, { error: { code: 401, message: `Invalid ${request.headers.authorization}` } })
    const url = new URL(request.url ?? '', 'http://store')
    const [, bucket, , name] = /^\/storage\/v1\/b\/([^/]+)\/o(\/([^/]*))?$/.exec(url.pathname) ?? []
    if (bucket !== 'models') return json(response, 404, { error: { code: 404 } })
    if (name === undefined) {
      const keys = Object.keys(objects).filter(key => key.startsWith(url.searchParams.get('prefix') ?? '')).sort()
      const start = Number(url.searchParams.get('pageToken')?.replace(/^page \+/, '') ?? 0)
      const items = keys.slice(start, start + 2).map(key => resourceOf(key, objects[key]!))
      return json(response, 200, { ...items.length > 0 && { items }, ...start + 2 < keys.length && { nextPageToken: `page +${start + 2}` } })
    }
    const text = objects[decodeURIComponent(name)]
    if (text === undefined) return json(response, 404, { error: { code: 404 } })
    if (url.searchParams.get('alt') !== 'media') return json(response, 200, resourceOf(decodeURIComponent(name), text))
    const [, first = '0'] = /^bytes=(\d+)-$/.exec(request.headers.range ?? '') ?? []
    const part = Buffer.from(text).subarray(Number(first))
    response.writeHead(request.headers.range ? 206 : 200, { etag: '"e1"', 'content-length': part.length, ...request.headers.range && { 'content-range': `bytes ${first}-${Buffer.byteLength(text) - 1}/${Buffer.byteLength(text)}` } }).end(part)
  })
  return { ...served, environment: { STORAGE_EMULATOR_HOST: served.origin, GOOGLE_OAUTH_ACCESS_TOKEN: token } }
}

async function listOf (address: string, environment: Record<string, string>, token?: string): Promise<Entry[]> {
  const entries: Entry[] = []
  for await (const entry of (await openGoogle(address, { environment, token })).list()) entries.push(entry)
  return entries
}

async function textOf ({ bytes }: Piece): Promise<string> {
  let text = ''
  for await (const piece of bytes) text += Buffer.from(piece).toString()
  return text
}

async function refused (t: Test, action: Promise<unknown>, message: RegExp, type: new (...args: never[]) => Error = Final) {
  const error = await action.then(() => null, (error: unknown) => error)
  if (!(error instanceof Error)) return t.fail(`no error ${message}`)
  t.match(error.message, message)
  t.ok(error instanceof type, error.message)
  t.notOk(`${error.stack}${String(error.cause)}`.includes(TOKEN), 'without the token')
}

t.test('all objects below a prefix are listed, page by page, and read in the generation that was listed', async t => {
  const names = ['model.onnx', 'card.json', 'onnx/a b+c.bin', "quote'(!)*~.txt", 'ünï/文字&<.txt', 'hash#question?%41.txt']
  const objects = Object.fromEntries(names.map(name => [`team/iris/${name}`, `the text of ${name}`]))
  const { requests, environment } = await store(t, { ...objects, 'team/iris/': '', 'team/iris2/model.onnx': 'another', other: '1' })
  for (const address of ['gs://models/team/iris', 'gs://models/team/iris/']) {
    const source = await openGoogle(address, { environment })
    t.same([source.name, source.address], ['iris', address])
    const entries: Entry[] = []
    for await (const entry of source.list()) entries.push(entry)
    t.same(entries.map(({ path }) => path).sort(), [...names].sort(), 'without markers of folders, and without a neighbour')
    for (const entry of entries) {
      const text = objects[`team/iris/${entry.path}`]!
      t.same([entry.bytes, entry.version, entry.digest], [Buffer.byteLength(text), '1700000000000001', { algorithm: 'md5', hex: md5(text, 'hex') }])
      t.equal(await textOf(await source.open(entry, START)), text)
      t.match(requests.at(-1)?.url, /alt=media&generation=1700000000000001$/)
    }
  }
  t.equal((await listOf('gs://models', environment)).length, names.length + 2, 'a whole bucket')
})

t.test('an object comes with its card and its external data, and a download of it continues', async t => {
  const { environment } = await store(t, { 'a/wine.onnx': '0123456789', 'a/wine.onnx.data': '22', 'a/card.json': '{}', 'a/beer.onnx': '3' })
  const entries = await listOf('gs://models/a/wine.onnx', environment)
  t.same(entries.map(({ path }) => path), ['card.json', 'wine.onnx.data', 'wine.onnx'])
  const source = await openGoogle('gs://models/a/wine.onnx', { environment })
  const rest = await source.open(entries[2]!, { offsetBytes: 4, validator: '"e1"' })
  t.same([rest.offsetBytes, rest.totalBytes, await textOf(rest)], [4, 10, '456789'])
  await refused(t, listOf('gs://models/b', environment), /there is no object "b", and none below it/, Absent)
  await refused(t, listOf('gs://absent/b', environment), /there is no such bucket or object/, Absent)
})

t.test('the token is MODEL_TOKEN, or what gcloud calls it, and without one a public bucket is read', async t => {
  const { environment, origin, requests } = await store(t, { 'a/b': '1' })
  const other = { STORAGE_EMULATOR_HOST: origin.replace('http://', '') }
  t.equal((await listOf('gs://models/a/', { ...environment, GOOGLE_OAUTH_ACCESS_TOKEN: 'another' }, TOKEN)).length, 1)
  t.equal((await listOf('gs://models/a/', other, `Bearer ${TOKEN}`)).length, 1)
  t.equal((await listOf('gs://models/a/', { ...other, CLOUDSDK_AUTH_ACCESS_TOKEN: `${TOKEN}\n` })).length, 1)
  await refused(t, listOf('gs://models/a/', other), /access is denied to anonymous requests; set GOOGLE_OAUTH_ACCESS_TOKEN/, Absent)
  t.equal(requests.at(-1)?.headers.authorization, undefined)
  await refused(t, listOf('gs://models/a/', { ...other, GOOGLE_OAUTH_ACCESS_TOKEN: `${TOKEN}1` }), /the token is not valid or has expired/)
  const open = await store(t, { 'a/b': '1' }, { token: '' })
  t.equal((await listOf('gs://models/a/', { STORAGE_EMULATOR_HOST: open.origin })).length, 1)
})

t.test('a workload of Google Cloud reads as its service account, if the bucket is not public', async t => {
  const { environment, requests } = await store(t, { 'a/b': '1' })
  const metadata = await serve(t, (_, response) => { response.writeHead(200, { 'metadata-flavor': 'Google' }).end(JSON.stringify({ access_token: TOKEN, expires_in: 3599, token_type: 'Bearer' })) })
  const workload = { STORAGE_EMULATOR_HOST: environment.STORAGE_EMULATOR_HOST, GCE_METADATA_HOST: metadata.origin.replace('http://', '') }
  t.equal((await listOf('gs://models/a/', workload)).length, 1)
  t.same([metadata.requests[0]?.url, metadata.requests[0]?.headers['metadata-flavor']], ['/computeMetadata/v1/instance/service-accounts/default/token', 'Google'])
  t.same(requests.map(({ headers }) => headers.authorization), [undefined, `Bearer ${TOKEN}`])
  for (const answer of [
    (response: ServerResponse) => response.end(JSON.stringify({ access_token: TOKEN })),
    (response: ServerResponse) => response.writeHead(200, { 'metadata-flavor': 'Google' }).end('no JSON'),
    (response: ServerResponse) => response.writeHead(302, { location: `${metadata.origin}/`, 'metadata-flavor': 'Google' }).end()
  ]) {
    const strange = await serve(t, (_, response) => { answer(response) })
    await refused(t, listOf('gs://models/a/', { ...workload, GCE_METADATA_HOST: strange.origin.replace('http://', '') }), /access is denied to anonymous requests/)
    t.equal(strange.requests.length, 1)
  }
  t.equal(metadata.requests.length, 1, 'a redirect is not followed')
})

t.test('what the store refuses says what to do, and no secret', async t => {
  for (const [status, message, type] of [
    [401, /the token is not valid or has expired/, Final], [403, /grant its account the role Storage Object Viewer/, Absent],
    [404, /check the address/, Absent], [400, /^the store answered 400$/, Final], [302, /^the store answered 302$/, Final]
  ] as const) {
    const { environment } = await store(t, {}, { answer: (_, response) => { json(response, status, { error: { message: TOKEN } }); return true } })
    await refused(t, listOf('gs://models/a/', environment), message, type)
    await refused(t, (await openGoogle('gs://models/a/', { environment })).open({ path: 'b', bytes: 1, version: '1' }, START), message, type)
  }
  const { environment } = await store(t, {}, { answer: (_, response) => { json(response, 503, {}); return true } })
  const error = await listOf('gs://models/a/', environment).then(() => null, (error: unknown) => error)
  t.ok(error instanceof Error && !(error instanceof Final), 'what may pass is tried again')
})

t.test('the token does not follow a redirect to another origin', async t => {
  const elsewhere = await serve(t, (_, response) => { json(response, 200, { items: [resourceOf('a/b', '1')] }) })
  const { environment } = await store(t, {}, { answer: (request, response) => { response.writeHead(302, { location: `${elsewhere.origin}${request.url}` }).end(); return true } })
  t.equal((await listOf('gs://models/a/', environment)).length, 1)
  t.equal(elsewhere.requests[0]?.headers.authorization, undefined)
})

t.test('hostile listings end', async t => {
  const listing = async (answer: (count: number) => unknown) => {
    const served = await store(t, {}, { answer: (_, response) => { json(response, 200, answer(served.requests.length)); return true } })
    return served
  }
  const same = await listing(() => ({ items: [resourceOf('a/b', '1')], nextPageToken: 'again' }))
  await refused(t, listOf('gs://models/a/', same.environment), /repeats a page/)
  const empty = await listing(count => ({ nextPageToken: String(count) }))
  await refused(t, listOf('gs://models/a/', empty.environment), /more than 100 empty pages/)
  const markers = await listing(count => ({ items: [resourceOf('a/b/', '')], nextPageToken: String(count) }))
  await refused(t, listOf('gs://models/a/', markers.environment), /more than 100 empty pages/)
  t.equal(empty.requests.length, 101)
  for (const [answer, message] of [
    [{ items: [resourceOf('b/c', '1')] }, /not below the prefix/],
    [{ items: 7 }, /no listing of Google/],
    [{ items: [null] }, /describes an object/],
    [{ items: [{ ...resourceOf('a/b', '1'), size: '-1' }] }, /describes an object/],
    [{ items: [{ ...resourceOf('a/b', '1'), generation: '1&alt=json' }] }, /describes an object/],
    [`"${'x'.repeat(17 * 1024 * 1024)}`, /more bytes than the limit of 16777216/]
  ] as const) await refused(t, listOf('gs://models/a/', (await listing(() => answer)).environment), message)
  const page = await store(t, {}, { answer: (_, response) => { response.end('<html>'); return true } })
  await refused(t, listOf('gs://models/a/', page.environment), /not that of Google Cloud Storage; check STORAGE_EMULATOR_HOST/)
  const large = await listing(count => ({ items: Array.from({ length: 1000 }, (_, at) => resourceOf(`a/${count * 1000 + at}`, '1')), ...count < 100 && { nextPageToken: String(count) } }))
  let count = 0
  for await (const { bytes } of (await openGoogle('gs://models/a/', large)).list()) {
    count += bytes!
    if (count > 10_000) break
  }
  t.equal(large.requests.length, 11, 'for a caller who stops')
  const climbing = await listing(() => ({ items: [resourceOf('a/../../etc/passwd', '1')] }))
  t.equal((await listOf('gs://models/a/', climbing.environment))[0]?.path, '../../etc/passwd', 'the rules for paths see it')
})

t.test('an object that the store unpacks has neither the size nor the digest that is listed', async t => {
  const { environment } = await store(t, {}, { answer: (_, response) => { json(response, 200, { items: [{ ...resourceOf('a/b', '1'), contentEncoding: 'gzip' }] }); return true } })
  t.same(await listOf('gs://models/a/', environment), [{ path: 'b', bytes: null, version: '1700000000000001' }])
})

t.test('an address names a bucket and an object', async t => {
  for (const address of ['gs://', 'gs:///a', `gs://user:${TOKEN}@models/a`, 'gs://-a/b']) await refused(t, openGoogle(address, { environment: {} }), /is gs:\/\/BUCKET\/NAME/)
  await refused(t, openGoogle('gs://models/a', { environment: { STORAGE_EMULATOR_HOST: 'http://' } }), /STORAGE_EMULATOR_HOST is not a URL/)
})
