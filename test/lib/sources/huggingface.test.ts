import { createHash } from 'node:crypto'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { openHuggingFace } from '../../../lib/sources/huggingface.ts'
import { Absent, Final, type Entry, type Source } from '../../../lib/sources/source.ts'
import { blobOf, serveHub, sha256 } from './hub.ts'
import { serve } from './server.ts'

const NOTHING = { offsetBytes: 0, validator: '' }
const ONNX = Buffer.from('not much of a model')
const DATA = Buffer.alloc(1000, 'weights')
const CONFIG = Buffer.from('{"id2label":{}}')

const FILES = {
  '.gitattributes': Buffer.from('*.onnx filter=lfs'),
  'README.md': Buffer.from('# A model'),
  'config.json': CONFIG,
  'tokenizer.json': Buffer.from('{}'),
  'model.safetensors': DATA,
  'onnx/model.onnx': ONNX,
  'onnx/model.onnx_data': DATA,
  'onnx/model_quantized.onnx': Buffer.from('smaller')
}

interface Options {
  token?: string
  environment?: Record<string, string>
}

/** Opens an address with no token of this machine. */
async function open (t: Test, address: string, origin: string, { token, environment = {} }: Options = {}): Promise<Source> {
  return await openHuggingFace(address, { token, environment: { HF_ENDPOINT: origin, HF_TOKEN_PATH: join(t.testdirName, 'none'), ...environment } })
}

async function all (source: Source): Promise<Entry[]> {
  const entries: Entry[] = []
  for await (const entry of source.list()) entries.push(entry)
  return entries
}

async function read (source: Source, entry: Entry, received = NOTHING): Promise<Buffer> {
  const pieces: Uint8Array[] = []
  for await (const piece of (await source.open(entry, received)).bytes) pieces.push(piece)
  return Buffer.concat(pieces)
}

async function pathsOf (t: Test, address: string, origin: string, options?: Options): Promise<string[]> {
  return (await all(await open(t, address, origin, options))).map(({ path }) => path).sort()
}

t.test('the model of a repository comes with its data and with what says how to use it, all from one commit', async t => {
  const { origin, requests, commit } = await serveHub(t, { 'acme/food': FILES })
  const source = await open(t, 'hf://acme/food', `${origin}/`)
  const entries = await all(source)
  t.equal(source.name, 'food')
  t.equal(source.address, 'hf://acme/food')
  t.same(entries, [
    { path: 'config.json', bytes: CONFIG.length, version: blobOf(CONFIG) },
    { path: 'tokenizer.json', bytes: 2, version: blobOf(FILES['tokenizer.json']) },
    { path: 'onnx/model.onnx_data', bytes: 1000, version: sha256(DATA), digest: { algorithm: 'sha256', hex: sha256(DATA) } },
    { path: 'onnx/model.onnx', bytes: ONNX.length, version: sha256(ONNX), digest: { algorithm: 'sha256', hex: sha256(ONNX) } }
  ])
  t.same(await read(source, entries[0]!), CONFIG)
  t.same(await read(source, entries[3]!), ONNX)
  t.same(requests.map(({ url }) => url), [
    '/api/models/acme/food/revision/main?blobs=true', `/acme/food/resolve/${commit}/config.json`, `/acme/food/resolve/${commit}/onnx/model.onnx`
  ])
})

t.test('a file that is named is the model, with the configuration one folder up', async t => {
  const { origin } = await serveHub(t, { 'acme/food': FILES })
  t.same(await pathsOf(t, 'hf://acme/food/onnx/model_quantized.onnx', origin), ['config.json', 'onnx/model_quantized.onnx', 'tokenizer.json'])
})

t.test('the nearest configuration is taken, and a folder can be named', async t => {
  const { origin } = await serveHub(t, {
    'acme/two': { 'config.json': CONFIG, 'labels.txt': CONFIG, 'b/config.json': DATA, 'b/model.onnx': ONNX, 'c/onnx/one.onnx': ONNX, 'c/onnx/one.onnx.data': DATA, 'pack.zip': DATA }
  })
  const source = await open(t, 'hf://acme/two/b/', origin)
  const entries = await all(source)
  t.same(entries.map(({ path }) => path).sort(), ['config.json', 'labels.txt', 'model.onnx'])
  t.same(await read(source, entries.find(({ path }) => path === 'config.json')!), DATA)
  t.same(await pathsOf(t, 'hf://acme/two/c', origin), ['config.json', 'labels.txt', 'onnx/one.onnx', 'onnx/one.onnx.data'])
  t.same(await pathsOf(t, 'hf://acme/two/pack.zip', origin), ['pack.zip'])
})

t.test('a repository without an organisation, and revisions of each kind', async t => {
  const { origin, requests } = await serveHub(t, { old: { 'model.onnx': ONNX } }, { revisions: ['main', 'v1.0', 'refs/pr/1', 'a/b'] })
  for (const [address, revision] of [
    ['hf://old', 'main'], ['hf://old@v1.0', 'v1.0'], ['hf://old@v1.0/model.onnx', 'v1.0'], ['hf://old@refs/pr/1', 'refs%2Fpr%2F1'],
    ['hf://old@refs/pr/1/model.onnx', 'refs%2Fpr%2F1'], ['hf://old@a%2Fb', 'a%2Fb']
  ] as const) {
    t.same(await pathsOf(t, address, origin), ['model.onnx'], address)
    t.equal(requests.at(-1)?.url, `/api/models/old/revision/${revision}?blobs=true`)
  }
})

t.test('a repository of several ONNX files, and one of none, say what to write', async t => {
  const { origin } = await serveHub(t, {
    'acme/many': Object.fromEntries(Array.from({ length: 12 }, (_, index) => [`onnx/m${index}.onnx`, ONNX])),
    'acme/torch': { 'model.safetensors': DATA, 'config.json': CONFIG },
    'acme/deep': { 'unet/model.onnx': ONNX, 'vae/model.onnx': ONNX }
  })
  const faultOf = async (address: string) => await open(t, address, origin).then(all).then(() => '', String)
  t.match(await faultOf('hf://acme/many'), /acme\/many holds 12 ONNX files \(onnx\/m0\.onnx, .*, …\); name one, as in hf:\/\/acme\/many\/onnx\/m0\.onnx$/)
  t.match(await faultOf('hf://acme/many@main/onnx/m99.onnx'), /has no onnx\/m99\.onnx; it has onnx\/m0\.onnx/)
  t.match(await faultOf('hf://acme/deep'), /holds 2 ONNX files \(unet\/model\.onnx, vae\/model\.onnx\); name one, as in hf:\/\/acme\/deep\/unet\/model\.onnx/)
  t.match(await faultOf('hf://acme/torch'), /holds no ONNX file, but weights without a graph \(model\.safetensors\); export it: optimum-cli export onnx --model acme\/torch FOLDER/)
  t.match(await faultOf('hf://acme/none'), /has no model acme\/none, or it is private; check the name, or set HF_TOKEN/)
  t.match(await faultOf('hf://acme/deep@v9'), /acme\/deep has no revision v9; name a branch, a tag or a commit after @/)
})

t.test('the token reads a private repository, and no other origin sees it', async t => {
  const { origin, requests, store } = await serveHub(t, { 'acme/mine': { 'model.onnx': ONNX } }, { token: 'hf_hush' })
  const path = t.testdir({ token: 'hf_hush\n' })
  for (const options of [
    { token: 'hf_hush', environment: { HF_TOKEN: 'other' } }, { token: 'Bearer hf_hush' }, { environment: { HF_TOKEN: 'hf_hush', HUGGING_FACE_HUB_TOKEN: 'other' } },
    { environment: { HUGGING_FACE_HUB_TOKEN: ' hf_hush ' } }, { environment: { HF_TOKEN_PATH: join(path, 'token') } }, { environment: { HF_TOKEN_PATH: '', HF_HOME: path } }
  ]) {
    const source = await open(t, 'hf://acme/mine', origin, options)
    const [entry] = await all(source)
    t.same(await read(source, entry!), ONNX)
    t.equal(requests.at(-1)?.headers.authorization, 'Bearer hf_hush')
  }
  t.ok(store.requests.length > 0)
  t.notMatch(JSON.stringify(store.requests.map(({ headers }) => headers)), 'hush')
  for (const options of [{}, { token: 'hf_wrong' }]) {
    const fault = await open(t, 'hf://acme/mine', origin, options).then(all).then(() => '', String)
    t.match(fault, /no model acme\/mine, or/)
    t.notMatch(fault, 'hf_')
  }
})

t.test('a gated repository says whose conditions to accept', async t => {
  const { origin } = await serveHub(t, { 'acme/gated': { 'model.onnx': ONNX } }, { token: 'hf_hush', isGated: true })
  for (const [token, message] of [[undefined, /gated; accept its conditions at .*\/acme\/gated, and set HF_TOKEN/], ['hf_other', /gated, and the account of the token has no access; accept its conditions/]] as const) {
    const source = await open(t, 'hf://acme/gated', origin, { ...token !== undefined && { token } })
    const [entry] = await all(source)
    await t.rejects(source.open(entry!, NOTHING), { constructor: Final, message })
  }
})

t.test('a download continues at the other origin where it broke', async t => {
  const { origin, store } = await serveHub(t, { 'acme/food': FILES })
  const source = await open(t, 'hf://acme/food', origin)
  const entry = (await all(source)).find(({ path }) => path.endsWith('_data'))!
  const { validator } = await source.open(entry, NOTHING)
  t.equal(validator, `"${sha256(DATA)}"`)
  t.same(await read(source, entry, { offsetBytes: 400, validator }), DATA.subarray(400))
  t.match(store.requests.at(-1)?.headers, { range: 'bytes=400-', 'if-range': validator })
})

t.test('an expired signature of the other origin is worth another attempt', async t => {
  const store = await serve(t, (_request, response) => { response.writeHead(403).end() })
  const { origin } = await serve(t, (request, response) => {
    if (request.url?.startsWith('/api/')) return response.end(JSON.stringify({ sha: 'c0ffee', siblings: [{ rfilename: 'model.onnx' }] }))
    response.writeHead(302, { location: `${store.origin}/file?Signature=signed-secret` }).end()
  })
  const source = await open(t, 'hf://acme/food', origin)
  const [entry] = await all(source)
  t.same(entry, { path: 'model.onnx', bytes: null, version: 'c0ffee model.onnx' })
  const error: unknown = await source.open(entry!, NOTHING).catch((error: unknown) => error)
  t.notOk(error instanceof Final)
  t.match(error, { message: /to which the Hub redirects, answered 403/ })
  t.notMatch(String(error), 'signed-secret')
})

t.test('malformed addresses and settings are refused without a request', async t => {
  for (const address of [
    'hf://', 'hf:///x', 'hf://../food', 'hf://acme/..', 'hf://acme/food@', 'hf://acme/food@a%', 'hf://acme/food//x.onnx', 'hf://acme/food/../x.onnx',
    'hf://datasets/acme/food', 'hf://spaces/acme/food', 'hf://ac me/food', 'hf://acme/food?x', 'hf://user:hush@host/food'
  ]) {
    const error: unknown = await open(t, address, 'http://127.0.0.1:1').catch((error: unknown) => error)
    t.ok(error instanceof Final, address)
    t.notMatch(error instanceof Error ? error.message : '', 'hush')
  }
  for (const endpoint of ['huggingface.co', 'ftp://host', 'https://host?x', 'https://user:hush@host']) {
    await t.rejects(open(t, 'hf://acme/food', endpoint), { constructor: Final, message: /^HF_ENDPOINT (?!.*hush)/ })
  }
})

t.test('offline, nobody is asked, and a later attempt may succeed', async t => {
  for (const environment of [{ HF_HUB_OFFLINE: '1' }, { TRANSFORMERS_OFFLINE: 'true' }]) {
    const source = await open(t, 'hf://acme/food', 'http://127.0.0.1:1', { environment })
    const error: unknown = await all(source).catch((error: unknown) => error)
    t.match(error, { message: /HF_HUB_OFFLINE/ })
    t.notOk(error instanceof Final)
  }
})

t.test('hostile listings', async t => {
  const name = createHash('sha256').update('x').digest('hex')
  const cases: Array<[listing: unknown, outcome: RegExp | string[]]> = [
    [{ siblings: [] }, /does not answer as Hugging Face does \(there is no "sha"\); check HF_ENDPOINT/],
    [[], /does not answer as Hugging Face does/],
    [null, /does not answer as Hugging Face does/],
    [{ sha: 'c', siblings: 'x' }, /holds no ONNX file/],
    [{ sha: 'c', siblings: [null, 3, { rfilename: 4 }, { rfilename: 'model.onnx', size: -1, lfs: 'x', blobId: 7 }] }, ['model.onnx']],
    [{ sha: 'c', siblings: [{ rfilename: '../../etc/model.onnx' }] }, /the path \.\.\/\.\.\/etc\/model\.onnx, which leads out of it/],
    [{ sha: 'c', siblings: [{ rfilename: '/etc/model.onnx' }] }, /leads out of it/],
    [{ sha: 'c', siblings: [{ rfilename: `${'a/'.repeat(100_000)}model.onnx` }, { rfilename: 'm.onnx' }] }, ['m.onnx']],
    [{ sha: 'c', siblings: [...Array.from({ length: 100_000 }, (_, index) => ({ rfilename: `${name}/${index}.txt` })), { rfilename: 'model.onnx' }] }, ['model.onnx']],
    [{ sha: 'c', siblings: Array.from({ length: 50_000 }, (_, index) => ({ rfilename: `${index}.onnx` })) }, /holds 50000 ONNX files .{0,300}$/]
  ]
  for (const [listing, outcome] of cases) {
    const { origin } = await serve(t, (_request, response) => { response.end(JSON.stringify(listing)) })
    const source = await open(t, 'hf://acme/food', origin)
    if (Array.isArray(outcome)) t.same((await all(source)).map(({ path }) => path), outcome)
    else await t.rejects(all(source), { constructor: Final, message: outcome })
  }
})

t.test('a file that was not listed is not asked for', async t => {
  const source = await open(t, 'hf://acme/food', 'http://127.0.0.1:1')
  await t.rejects(source.open({ path: 'other', bytes: null, version: null }, NOTHING), { constructor: Absent, message: 'the repository has no other' })
})
