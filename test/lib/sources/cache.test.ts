import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import t, { type Test } from 'tap'
import { cacheFolder, fetchCached, type CacheOptions } from '../../../lib/sources/cache.ts'
import { zip } from '../../fixtures/zip.ts'
import { sendFrom, serve } from './server.ts'

/** A server of files by their paths, and the paths that it was asked for. */
async function serveFiles (t: Test, files: Record<string, { bytes: Buffer | string, etag?: string }>) {
  let isDown = false
  const { origin, requests } = await serve(t, (request, response) => {
    const { [(request.url ?? '').split('?')[0]!]: file } = files
    if (isDown) request.socket.destroy()
    else if (!file) response.writeHead(404).end()
    else if (file.etag === undefined) response.end(file.bytes)
    else sendFrom(request, response, Buffer.from(file.bytes), { etag: file.etag })
  })
  return { origin, paths: () => requests.splice(0).map(({ url = '' }) => url), fail: (is: boolean) => { isDown = is } }
}

async function cached (t: Test, address: string, options: Partial<CacheOptions> = {}): Promise<string> {
  return await fetchCached(address, { environment: {} }, { limitBytes: 1_000_000, backoffMs: 1, cache: null, temporary: async () => t.testdir(), ...options })
}

function textIn (folder: string, name = 'model.onnx'): string {
  return readFileSync(join(folder, name), 'utf8')
}

t.test('a copy is used again while the source has the same, and the old one stays for who serves it', async t => {
  const files = { '/wine.onnx': { bytes: 'one', etag: '"1"' }, '/card.json': { bytes: '{}', etag: '"c"' } }
  const { origin, paths } = await serveFiles(t, files)
  const cache = join(t.testdir(), 'new')
  const first = await cached(t, `${origin}/wine.onnx?signature=1`, { cache })
  t.equal(basename(first), 'wine')
  t.same(readdirSync(first).sort(), ['card.json', 'model.onnx'])
  t.equal(textIn(first), 'one')
  paths()

  t.equal(await cached(t, `${origin}/wine.onnx?signature=2`, { cache }), first, 'a signature makes no difference')
  t.same(paths().sort(), ['card.json', 'wine.onnx.data', 'wine.onnx', 'wine.onnx_data'].map(name => `/${name}?signature=2`), 'each file is asked for once')

  files['/wine.onnx'] = { bytes: 'two', etag: '"2"' }
  const second = await cached(t, `${origin}/wine.onnx`, { cache })
  t.not(second, first)
  t.equal(textIn(second), 'two')
  t.equal(textIn(first), 'one')
  files['/wine.onnx'] = { bytes: 'one', etag: '"1"' }
  t.equal(await cached(t, `${origin}/wine.onnx`, { cache }), first, 'the one before can come back')
})

t.test('a copy that was complete and is damaged is fetched again', async t => {
  const { origin } = await serveFiles(t, { '/wine.onnx': { bytes: 'one', etag: '"1"' } })
  const cache = t.testdir()
  const folder = await cached(t, `${origin}/wine.onnx`, { cache })
  rmSync(join(folder, 'model.onnx'))
  t.equal(textIn(await cached(t, `${origin}/wine.onnx`, { cache })), 'one')
  writeFileSync(join(dirname(dirname(folder)), 'complete.json'), '{"name":"../../../etc","version":"0","files":[]}')
  t.equal(await cached(t, `${origin}/wine.onnx`, { cache }), folder, 'nor is what the cache says of itself believed')
})

t.test('a file of a copy that has another size than the source says is fetched again', async t => {
  const { origin } = await serveFiles(t, { '/wine.onnx': { bytes: 'one', etag: '"1"' } })
  const cache = t.testdir()
  const folder = await cached(t, `${origin}/wine.onnx`, { cache })
  writeFileSync(join(folder, 'model.onnx'), 'o')
  t.equal(textIn(await cached(t, `${origin}/wine.onnx`, { cache })), 'one')
})

t.test('two models of one server that differ by a parameter alone do not mix', async t => {
  const { origin } = await serve(t, (request, response) => {
    if (request.url?.startsWith('/model.onnx')) sendFrom(request, response, Buffer.from(request.url.slice(-1)), { etag: '"of both"' })
    else response.writeHead(404).end()
  })
  const cache = t.testdir()
  for (const name of ['a', 'b', 'a']) t.equal(textIn(await cached(t, `${origin}/model.onnx?name=${name}`, { cache })), name)
})

t.test('what another process is unpacking beside a copy is no part of it', async t => {
  const { origin } = await serveFiles(t, { '/wine.onnx': { bytes: 'one', etag: '"1"' } })
  const cache = t.testdir()
  const folder = await cached(t, `${origin}/wine.onnx`, { cache })
  rmSync(join(folder, 'model.onnx'))
  mkdirSync(join(folder, '.unpacked-1'))
  writeFileSync(join(folder, '.unpacked-1', 'model.onnx'), 'o')
  await cached(t, `${origin}/wine.onnx`, { cache })
  t.notMatch(readFileSync(join(dirname(dirname(folder)), 'complete.json'), 'utf8'), '.unpacked')
})

t.test('a source that cannot be reached is replaced by a complete copy, with a warning', async t => {
  const { origin, fail } = await serveFiles(t, { '/wine.onnx': { bytes: 'one', etag: '"1"' } })
  const cache = t.testdir()
  const address = `${origin}/wine.onnx?signature=hush`
  const folder = await cached(t, address, { cache })
  fail(true)
  const warnings: string[] = []
  t.equal(await cached(t, address, { cache, onWarning: warning => warnings.push(warning) }), folder)
  t.match(warnings, [/^Could not fetch http:\/\/127\.0\.0\.1:\d+\/wine\.onnx\?…: .*; the copy in .* is served, which may be out of date$/])
  t.notMatch(warnings[0], 'hush')
  await t.rejects(cached(t, address, { cache: t.testdir() }), { code: 'SRV_MODEL_UNFETCHED' }, 'there is no copy')
  await t.rejects(cached(t, address, { cache, sha256: '0'.repeat(64) }), { code: 'SRV_MODEL_UNFETCHED' }, 'there is none of which this is known')
})

t.test('a model that is gone is not replaced by a copy', async t => {
  const files: Record<string, { bytes: string, etag: string }> = { '/wine.onnx': { bytes: 'one', etag: '"1"' } }
  const { origin } = await serveFiles(t, files)
  const cache = t.testdir()
  await cached(t, `${origin}/wine.onnx`, { cache })
  delete files['/wine.onnx']
  await t.rejects(cached(t, `${origin}/wine.onnx`, { cache }), { message: /the server answered 404 Not Found/ })
})

t.test('without versions every start downloads', async t => {
  const { origin, paths } = await serveFiles(t, { '/wine.onnx': { bytes: 'one' } })
  const cache = t.testdir()
  const first = await cached(t, `${origin}/wine.onnx`, { cache })
  paths()
  const second = await cached(t, `${origin}/wine.onnx`, { cache })
  t.not(second, first)
  t.ok(paths().filter(path => path === '/wine.onnx').length > 1)
})

t.test('an archive is unpacked, and used again', async t => {
  const { origin } = await serveFiles(t, { '/wine.zip': { bytes: zip([{ name: 'in/model.onnx', bytes: Buffer.from('packed') }]), etag: '"1"' } })
  const cache = t.testdir()
  const folder = await cached(t, `${origin}/wine.zip`, { cache })
  t.same(readdirSync(folder), ['model.onnx'])
  t.equal(textIn(folder), 'packed')
  t.equal(await cached(t, `${origin}/wine.zip`, { cache }), folder)
})

t.test('copies that nobody needs are removed a day later', async t => {
  const files = { '/wine.onnx': { bytes: 'x', etag: '"0"' } }
  const { origin } = await serveFiles(t, files)
  const cache = t.testdir()
  const folders: string[] = []
  for (const etag of ['"1"', '"2"', '"3"']) {
    files['/wine.onnx'] = { bytes: etag, etag }
    folders.push(await cached(t, `${origin}/wine.onnx`, { cache }))
  }
  t.ok(folders.every(existsSync), 'another process may be at one of them')
  for (const folder of folders) utimesSync(dirname(folder), 0, 0)
  files['/wine.onnx'] = { bytes: 'four', etag: '"4"' }
  await cached(t, `${origin}/wine.onnx`, { cache })
  t.same(folders.map(existsSync), [false, false, true])
})

t.test('where nothing can be kept, the model lies in a temporary folder', async t => {
  const { origin } = await serveFiles(t, { '/wine.onnx': { bytes: 'one', etag: '"1"' } })
  const folder = t.testdir({ file: '', temporary: {} })
  for (const cache of [null, join(folder, 'file', 'in')]) {
    t.equal(await cached(t, `${origin}/wine.onnx`, { cache, temporary: async () => join(folder, 'temporary') }), join(folder, 'temporary', 'wine'))
  }
})

t.test('a complete copy in a cache that cannot be written is used', { skip: process.getuid?.() === 0 && 'root may write everywhere' }, async t => {
  const { origin } = await serveFiles(t, { '/wine.onnx': { bytes: 'one', etag: '"1"' } })
  const cache = t.testdir()
  const folder = await cached(t, `${origin}/wine.onnx`, { cache })
  chmodSync(cache, 0o500)
  t.equal(await cached(t, `${origin}/wine.onnx`, { cache }), folder)
})

t.test('the cache is where the setting says, or where caches are', async t => {
  t.equal(cacheFolder('mine', { XDG_CACHE_HOME: '/var/cache' }), 'mine')
  t.equal(cacheFolder(undefined, { XDG_CACHE_HOME: '/var/cache' }), '/var/cache/servery')
  for (const XDG_CACHE_HOME of [undefined, 'relative']) t.equal(cacheFolder(undefined, { XDG_CACHE_HOME }), join(homedir(), '.cache', 'servery'))
})
