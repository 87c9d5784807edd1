import { createHash } from 'node:crypto'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import t, { type Test } from 'tap'
import { openDvc } from '../../../lib/sources/dvc.ts'
import { Absent, Final, type Entry, type Source, type SourceSettings } from '../../../lib/sources/source.ts'
import { serve } from './server.ts'

const NOTHING = { offsetBytes: 0, validator: '' }
const MODEL = Buffer.from([0, 13, 10, 1, 2, 3])
const CARD = Buffer.from('{"a":"card"}')

const md5Of = (bytes: Buffer | string) => createHash('md5').update(bytes).digest('hex')

const outOf = (path: string, bytes: Buffer, more = '  hash: md5\n') => `outs:\n- md5: ${md5Of(bytes)}\n  size: ${bytes.length}\n${more}  path: ${path}\n`

/** Where a store of DVC 3 keeps bytes. */
const objectOf = (bytes: Buffer | string) => `files/md5/${md5Of(bytes).slice(0, 2)}/${md5Of(bytes).slice(2)}`

/** Where one of DVC 2 does. */
const oldObjectOf = (bytes: Buffer | string) => objectOf(bytes).slice('files/md5/'.length)

/** A repository with its remote beside it: paths and what is there. */
function repository (t: Test, files: Record<string, Buffer | string>): string {
  const root = t.testdir({ '.dvc': { config: '[core]\nremote = store\n[\'remote "store"\']\nurl = ../store\n' } })
  for (const [path, bytes] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), bytes)
  }
  return root
}

const settingsOf = (settings: Partial<SourceSettings> = {}): SourceSettings => ({ environment: { DVC_GLOBAL_CONFIG_DIR: '/nowhere' }, ...settings })

async function listed (source: Source): Promise<Entry[]> {
  const entries: Entry[] = []
  for await (const entry of source.list()) entries.push(entry)
  return entries.sort((a, b) => a.path < b.path ? -1 : 1)
}

async function read (source: Source, path: string): Promise<Buffer> {
  const { bytes } = await source.open({ path, bytes: null, version: null }, NOTHING)
  const pieces: Uint8Array[] = []
  for await (const piece of bytes) pieces.push(piece)
  return Buffer.concat(pieces)
}

t.test('a .dvc file leads to the remote, with the card beside it', async t => {
  const root = repository(t, { 'models/iris/model.onnx.dvc': outOf('model.onnx', MODEL), 'models/iris/card.json': CARD, 'models/iris/train.py': '', [`store/${objectOf(MODEL)}`]: MODEL })
  const path = join(root, 'models/iris/model.onnx.dvc')
  for (const address of [path, pathToFileURL(path).href]) {
    const source = await openDvc(address, settingsOf())
    t.same([source.name, source.address], ['iris', path])
    t.match(await listed(source), [
      { path: 'card.json', bytes: CARD.length },
      { path: 'model.onnx', bytes: MODEL.length, version: md5Of(MODEL), digest: { algorithm: 'md5', hex: md5Of(MODEL) } }
    ])
    t.same([await read(source, 'card.json'), await read(source, 'model.onnx')], [CARD, MODEL])
  }
})

t.test('the cache comes before the remote', async t => {
  const cached = Buffer.from('cached')
  const root = repository(t, { 'wine.onnx.dvc': outOf('wine.onnx', MODEL), [`store/${objectOf(MODEL)}`]: MODEL, [`.dvc/cache/${objectOf(MODEL)}`]: cached })
  const source = await openDvc(join(root, 'wine.onnx.dvc'), settingsOf())
  t.equal(source.name, 'wine')
  t.same(await read(source, 'model.onnx'), cached)
})

t.test('a download goes on where it stopped', async t => {
  const root = repository(t, { 'wine.onnx.dvc': outOf('wine.onnx', MODEL), [`store/${objectOf(MODEL)}`]: MODEL })
  const source = await openDvc(join(root, 'wine.onnx.dvc'), settingsOf())
  const [entry] = await listed(source)
  const { validator } = await source.open(entry!, NOTHING)
  const { offsetBytes, bytes } = await source.open(entry!, { offsetBytes: 4, validator })
  const pieces: Uint8Array[] = []
  for await (const piece of bytes) pieces.push(piece)
  t.same([offsetBytes, Buffer.concat(pieces)], [4, MODEL.subarray(4)])
})

t.test('a folder has the files that its manifest lists', async t => {
  const manifest = Buffer.from(JSON.stringify([{ md5: md5Of(CARD), relpath: 'card.json' }, { md5: md5Of(MODEL), relpath: 'onnx/model.onnx' }]))
  const root = repository(t, {
    'models/wine.dvc': outOf('wine', manifest).replace(md5Of(manifest), `${md5Of(manifest)}.dir`),
    'models/card.json': 'of the folder, which counts less',
    [`store/${objectOf(manifest)}.dir`]: manifest,
    [`store/${objectOf(CARD)}`]: CARD,
    [`store/${objectOf(MODEL)}`]: MODEL
  })
  const source = await openDvc(join(root, 'models/wine.dvc'), settingsOf())
  t.equal(source.name, 'wine')
  t.same((await listed(source)).map(({ path }) => path), ['card.json', 'onnx/model.onnx'])
  t.same([await read(source, 'card.json'), await read(source, 'onnx/model.onnx')], [CARD, MODEL])
  writeFileSync(join(root, `store/${objectOf(manifest)}.dir`), '[]')
  await t.rejects(listed(await openDvc(join(root, 'models/wine.dvc'), settingsOf())), { message: /manifest of the folder wine does not have the MD5/ })
  writeFileSync(join(root, `store/${objectOf(manifest)}.dir`), Buffer.alloc(4 * 1024 * 1024 + 1))
  await t.rejects(listed(await openDvc(join(root, 'models/wine.dvc'), settingsOf())), { message: /more than 4194304 bytes/ })
})

t.test('what DVC 2 wrote lies elsewhere, and its MD5 of a text is that of its lines', async t => {
  const text = Buffer.from('{"a":\r\n"card"}')
  const unix = text.toString().replaceAll('\r\n', '\n')
  const manifest = Buffer.from(JSON.stringify([{ md5: md5Of(unix), relpath: 'card.json' }, { md5: md5Of(MODEL), relpath: 'model.onnx' }]))
  const root = repository(t, {
    'wine.dvc': outOf('wine', manifest, '').replace(md5Of(manifest), `${md5Of(manifest)}.dir`),
    [`store/${oldObjectOf(manifest)}.dir`]: manifest,
    [`store/${oldObjectOf(unix)}`]: text,
    [`store/${oldObjectOf(MODEL)}`]: MODEL
  })
  const source = await openDvc(join(root, 'wine.dvc'), settingsOf())
  const [card, model] = await listed(source)
  t.same([card?.digest, model?.digest?.hex], [undefined, md5Of(MODEL)])
  t.same([await read(source, 'card.json'), await read(source, 'model.onnx')], [text, MODEL])
  writeFileSync(join(root, `store/${oldObjectOf(unix)}`), 'other')
  await t.rejects(read(source, 'card.json'), { message: /its MD5 is not/ })
})

t.test('a folder with .dvc files is a model of all that they track', async t => {
  const weights = Buffer.from('weights')
  const root = repository(t, {
    'wine/wine.onnx.dvc': outOf('wine.onnx', MODEL),
    'wine/wine.onnx.data.dvc': outOf('wine.onnx.data', weights),
    'wine/notes.json': '{}',
    'wine/.gitignore': '/wine.onnx',
    [`store/${objectOf(MODEL)}`]: MODEL,
    [`store/${objectOf(weights)}`]: weights
  })
  const folder = join(root, 'wine')
  for (const address of [`dvc:${folder}`, `dvc://${folder}`, folder, join(folder, 'wine.onnx.dvc')]) {
    const source = await openDvc(address, settingsOf())
    t.equal(source.name, 'wine')
    t.same((await listed(source)).map(({ path }) => path), ['model.onnx', 'notes.json', 'wine.onnx.data'])
    t.same([await read(source, 'model.onnx'), await read(source, 'wine.onnx.data')], [MODEL, weights])
    await t.rejects(read(source, 'other.json'), new Absent('DVC tracks no other.json'))
  }
})

t.test('a URL leads to a remote of a server, and the token goes to its own server alone', async t => {
  const store = await serve(t, (request, response) => {
    if (request.url === `/store/${objectOf(MODEL)}`) response.end(MODEL)
    else response.writeHead(404).end()
  })
  const git = await serve(t, (request, response) => {
    const files: Record<string, Buffer | string> = {
      '/raw/my%20models/wine.onnx.dvc?sig=hush': outOf('wine.onnx', MODEL),
      '/raw/my%20models/wine.onnx.data.dvc?sig=hush': outOf('wine.onnx.data', MODEL),
      '/raw/my%20models/card.json?sig=hush': CARD,
      '/raw/.dvc/config?sig=hush': `['remote "web"']\nurl = ${store.origin}/store\n`
    }
    const { [request.url ?? '']: file } = files
    if (file === undefined) response.writeHead(404).end()
    else response.end(file)
  })
  const source = await openDvc(`${git.origin}/raw/my%20models/wine.onnx.dvc?sig=hush`, settingsOf({ token: 'Bearer hush' }))
  t.same([source.name, source.address], ['wine', `${git.origin}/raw/my%20models/wine.onnx.dvc?…`])
  t.match(await listed(source), [{ path: 'card.json', isOptional: true }, { path: 'model.onnx', version: md5Of(MODEL) }, { path: 'wine.onnx.data' }])
  t.same([await read(source, 'card.json'), await read(source, 'model.onnx')], [CARD, MODEL])
  t.ok(git.requests.every(request => request.headers.authorization === 'Bearer hush'))
  t.same(store.requests.map(request => request.headers.authorization), [undefined])
  await t.rejects(openDvc(`${git.origin}/raw/none.dvc`, settingsOf()), { constructor: Absent, message: /no such file, or gives it to nobody/ })
  for (const [address, message] of [['http://user:hush@there/a.dvc', /use MODEL_TOKEN/], ['http://', /not a URL/]] as const) {
    const error = await openDvc(address, settingsOf()).then(() => null, (error: unknown) => error)
    t.match(error, { constructor: Final, message })
    t.notMatch(error, { message: /hush/ })
  }
})

t.test('a remote that may not be asked fails before anything is fetched', async t => {
  const { origin } = await serve(t, (request, response) => {
    if (request.url === '/wine.onnx.dvc') response.end(outOf('wine.onnx', MODEL))
    else if (request.url === '/.dvc/config') response.end('[core]\nremote = a\n[\'remote "a"\']\nurl = /etc\n')
    else response.writeHead(404).end()
  })
  await t.rejects(listed(await openDvc(`${origin}/wine.onnx.dvc`, settingsOf())), { constructor: Final, message: /folder of the machine that pushed/ })
})

t.test('a version of a file is asked for by its own name', async t => {
  const { origin, requests } = await serve(t, (_request, response) => response.end(MODEL))
  const cloud = '  cloud:\n    versioned:\n      etag: x\n      version_id: 7\n'.replace('7', "'7'")
  const root = repository(t, { 'models/wine.onnx.dvc': `${outOf('wine.onnx', MODEL)}${cloud}` })
  writeFileSync(join(root, '.dvc/config'), `['remote "versioned"']\nurl = s3://bucket/prefix\nendpointurl = ${origin}\nversion_aware = true\nallow_anonymous_login = true\n`)
  const settings = settingsOf({ environment: { DVC_GLOBAL_CONFIG_DIR: '/nowhere', AWS_CONFIG_FILE: '/nowhere', AWS_SHARED_CREDENTIALS_FILE: '/nowhere' } })
  const source = await openDvc(join(root, 'models/wine.onnx.dvc'), settings)
  t.same(await read(source, 'model.onnx'), MODEL)
  t.same(requests.map(request => request.url), ['/bucket/prefix/models/wine.onnx?versionId=7'])
  writeFileSync(join(root, 'models/wine.onnx.dvc'), outOf('wine.onnx', MODEL))
  await t.rejects(read(await openDvc(join(root, 'models/wine.onnx.dvc'), settings), 'model.onnx'), { constructor: Final, message: /keeps versions of files, and the \.dvc file names none; run dvc push/ })
})

t.test('an object that is nowhere is an error that names the places and what to do', async t => {
  const root = repository(t, { 'wine.onnx.dvc': outOf('wine.onnx', MODEL) })
  const source = await openDvc(join(root, 'wine.onnx.dvc'), settingsOf())
  await t.rejects(read(source, 'model.onnx'), new Final(`no place of DVC has wine.onnx (the cache ${join(root, '.dvc/cache')}: no such file; the remote 'store' (${join(root, 'store')}): no such file); run dvc push where the file is, or give the right to read it`))
  writeFileSync(join(root, 'wine.onnx.dvc'), `deps:\n- path: x\n${outOf('wine.onnx', MODEL)}`)
  await t.rejects(read(await openDvc(join(root, 'wine.onnx.dvc'), settingsOf()), 'model.onnx'), { message: /it comes from elsewhere \(deps\): run dvc pull/ })
  rmSync(join(root, '.dvc/config'))
  await t.rejects(read(await openDvc(join(root, 'wine.onnx.dvc'), settingsOf()), 'model.onnx'), { message: /names no remote; add one/ })
})

t.test('a manifest that fails once is asked for again', async t => {
  const manifest = Buffer.from(JSON.stringify([{ md5: md5Of(MODEL), relpath: 'model.onnx' }]))
  const { origin, requests } = await serve(t, (_request, response) => requests.length === 1 ? response.writeHead(500).end() : response.end(manifest))
  const root = repository(t, { 'wine.dvc': outOf('wine', manifest).replace(md5Of(manifest), `${md5Of(manifest)}.dir`) })
  writeFileSync(join(root, '.dvc/config'), `['remote "web"']\nurl = ${origin}\n`)
  const source = await openDvc(join(root, 'wine.dvc'), settingsOf())
  await t.rejects(listed(source), { message: /500/ })
  t.same((await listed(source)).map(({ path }) => path), ['model.onnx'])
})

t.test('what is no .dvc file is told with its place', async t => {
  const root = repository(t, { 'a.dvc': 'outs: 1', 'large.dvc': Buffer.alloc(1024 * 1024 + 1) })
  await t.rejects(openDvc(join(root, 'a.dvc'), settingsOf()), new Final(`${join(root, 'a.dvc')}: it tracks nothing: it has no list outs; it is no .dvc file, or dvc add did not finish`))
  await t.rejects(openDvc(join(root, 'large.dvc'), settingsOf()), { constructor: Final, message: /over the limit of 1048576/ })
  await t.rejects(openDvc('s3://bucket/a.dvc', settingsOf()), { constructor: Final, message: /read from a path or from a URL with https:; run dvc pull/ })
  await t.rejects(openDvc(join(root, 'lost.dvc'), settingsOf()), new Absent(`there is no ${join(root, 'lost.dvc')}`))
})
