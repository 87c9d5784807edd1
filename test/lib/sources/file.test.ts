import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import t from 'tap'
import { openFile, openPath, pathOf } from '../../../lib/sources/file.ts'
import { Absent, Final, type Source } from '../../../lib/sources/source.ts'

const settings = { environment: {} }
const NOTHING = { offsetBytes: 0, validator: '' }

async function pathsOf (source: Source): Promise<string[]> {
  const paths: string[] = []
  for await (const { path } of source.list()) paths.push(path)
  return paths.sort()
}

async function textOf (bytes: AsyncIterable<Uint8Array>): Promise<string> {
  const pieces: Uint8Array[] = []
  for await (const piece of bytes) pieces.push(piece)
  return Buffer.concat(pieces).toString()
}

t.test('a file is model.onnx, with its card and its external data', async t => {
  const folder = t.testdir({ 'wine.onnx': 'model', 'wine.onnx.data': 'weights', 'wine.onnx_data': { sub: '' }, 'card.json': '{}', 'other.txt': '' })
  for (const address of [join(folder, 'wine.onnx'), pathToFileURL(join(folder, 'wine.onnx')).href]) {
    const source = await openFile(address, settings)
    t.match(source, { name: 'wine', address: join(folder, 'wine.onnx') })
    t.same(await pathsOf(source), ['card.json', 'model.onnx', 'wine.onnx.data'])
    for await (const entry of source.list()) {
      const { bytes, ...piece } = await source.open(entry, NOTHING)
      t.same(piece, { offsetBytes: 0, totalBytes: entry.bytes, validator: entry.version })
      t.equal((await textOf(bytes)).length, entry.bytes)
    }
  }
})

t.test('an archive is itself', async t => {
  const folder = t.testdir({ 'wine.tar.gz': 'packed', 'card.json': '{}' })
  const source = await openFile(join(folder, 'wine.tar.gz'), settings)
  t.equal(source.name, 'wine')
  t.same(await pathsOf(source), ['wine.tar.gz'])
})

t.test('a folder brings all its files', async t => {
  const folder = t.testdir({ wine: { 'config.json': '{}', onnx: { 'model.onnx': 'model' }, deep: { er: { a: '' } } } })
  symlinkSync('onnx/model.onnx', join(folder, 'wine', 'link.onnx'))
  const source = await openFile(join(folder, 'wine'), settings)
  t.match(source, { name: 'wine', address: join(folder, 'wine') })
  t.same(await pathsOf(source), ['config.json', 'deep/er/a', 'link.onnx', 'onnx/model.onnx'])
  t.equal(await textOf((await source.open({ path: 'link.onnx', bytes: null, version: null }, NOTHING)).bytes), 'model')
})

t.test('a folder is left neither by links nor by depth', async t => {
  const folder = t.testdir({ secret: '', out: {}, around: {}, dangling: {}, deep: {}, device: {} })
  symlinkSync('../secret', join(folder, 'out', 'labels.txt'))
  symlinkSync('..', join(folder, 'around', 'a'))
  symlinkSync('nowhere', join(folder, 'dangling', 'a'))
  mkdirSync(join(folder, 'deep', 'a/'.repeat(20)), { recursive: true })
  symlinkSync('/dev/zero', join(folder, 'device', 'model.onnx'))
  for (const [name, message] of [
    ['out', /labels\.txt is a link out of its folder; copy the folder without links/], ['around', /is a link out of its folder/], ['dangling', /is a link that leads nowhere/],
    ['deep', /more than 16 folders/], ['device', /is a link out of its folder/]
  ] as const) {
    await t.rejects(openFile(join(folder, name), settings).then(pathsOf), { constructor: Final, message }, name)
  }
})

t.test('a file goes on at an offset while it is the same', async t => {
  const path = join(t.testdir({ a: '0123456789' }), 'a')
  const { validator } = await openPath(path, NOTHING)
  const rest = await openPath(path, { offsetBytes: 4, validator })
  t.match(rest, { offsetBytes: 4, totalBytes: 10 })
  t.equal(await textOf(rest.bytes), '456789')
  writeFileSync(path, 'other')
  t.match(await openPath(path, { offsetBytes: 4, validator }), { offsetBytes: 0, totalBytes: 5 })
})

t.test('what is not there, or no file, is told', async t => {
  const folder = t.testdir({ 'a.onnx': '' })
  await t.rejects(openFile(join(folder, 'no.onnx'), settings), { constructor: Absent, message: /^there is no such file or folder: .*no\.onnx$/ })
  await t.rejects(openPath(join(folder, 'no.onnx'), NOTHING), { constructor: Absent, message: /ENOENT/ })
  await t.rejects(openPath(folder, NOTHING), { constructor: Final, message: /is not a file/ })
  await t.rejects(openFile('/dev/null', settings), { message: /is a device or pipe/ })
  await t.rejects(openFile('file://elsewhere/a.onnx', settings), { constructor: Final, message: /not a URL of a file of this machine/ })
})

t.test('a path is absolute, or from where the process runs', async t => {
  t.equal(pathOf('/srv/a b.onnx'), '/srv/a b.onnx')
  t.equal(pathOf('file:///srv/a%20b.onnx'), '/srv/a b.onnx')
  t.equal(pathOf('a.onnx'), join(process.cwd(), 'a.onnx'))
})
