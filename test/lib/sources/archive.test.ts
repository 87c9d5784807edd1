import { randomBytes } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { create, Header } from 'tar'
import t from 'tap'
import { isArchive, unpack } from '../../../lib/sources/archive.ts'
import { zip } from '../../fixtures/zip.ts'

const LIMIT = 1_000_000
const MODEL = randomBytes(300_000)
const folder = t.testdir({
  food: { 'model.onnx': '', 'card.json': '{"an":"archived card"}', samples: { 'a.png': 'picture' } },
  linked: { 'model.onnx': '', card: t.fixture('symlink', '/etc/passwd') },
  deep: { er: { 'model.onnx': '' } },
  cardOnly: { 'card.json': '{}' }
})
writeFileSync(join(folder, 'food', 'model.onnx'), MODEL)

function archive (name: string, cwd: string, paths: string[], options: { preservePaths?: boolean } = {}): string {
  const file = join(folder, name)
  create({ sync: true, gzip: true, file, cwd: join(folder, cwd), ...options }, paths)
  return file
}

/** Unpacks into a folder of its own. */
async function unpacked (file: string, to: string, limit = LIMIT): Promise<string> {
  const path = join(folder, to)
  mkdirSync(path, { recursive: true })
  await unpack(file, path, limit)
  return path
}

function filesOf (path: string): string[] {
  return readdirSync(path, { recursive: true }).map(String).sort()
}

t.test('an archive of a folder, or of what is in it, brings all its files', async t => {
  for (const file of [archive('one.tar.gz', '.', ['food']), archive('two.tgz', 'food', ['.'])]) {
    const to = await unpacked(file, `of ${file.slice(-7)}`)
    t.same(filesOf(to), ['card.json', 'model.onnx', 'samples', join('samples', 'a.png')])
    t.equal(readFileSync(join(to, 'card.json'), 'utf8'), '{"an":"archived card"}')
    t.ok(readFileSync(join(to, 'model.onnx')).equals(MODEL))
  }
})

t.test('what is in the folder already stays, unless the archive has it too', async t => {
  mkdirSync(join(folder, 'own'))
  for (const name of ['README.md', 'card.json']) writeFileSync(join(folder, 'own', name), 'mine')
  const to = await unpacked(archive('own.tgz', '.', ['food']), 'own')
  t.equal(readFileSync(join(to, 'README.md'), 'utf8'), 'mine')
  t.equal(readFileSync(join(to, 'card.json'), 'utf8'), '{"an":"archived card"}')
})

t.test('an archive with a link, with a path out of the folder, without a model, or cut short is refused, and leaves nothing', async t => {
  const cut = join(folder, 'cut.tgz')
  writeFileSync(cut, readFileSync(archive('whole.tgz', '.', ['food'])).subarray(0, 200_000))
  writeFileSync(join(folder, 'text.tgz'), 'no archive')
  for (const [file, message] of [
    [archive('links.tgz', '.', ['linked']), /'linked\/card', which is a SymbolicLink and not a file/],
    [archive('out.tgz', 'food', ['../food/model.onnx'], { preservePaths: true }), /path contains '\.\.'/],
    [archive('absolute.tgz', 'food', [join(folder, 'food', 'model.onnx')], { preservePaths: true }), /absolute path/],
    [archive('card.tgz', 'cardOnly', ['.']), /has no model: neither an \.onnx file/],
    [cut, /unexpected end of file/],
    [join(folder, 'text.tgz'), /it is not an archive/]
  ] as const) {
    await t.rejects(unpacked(file, 'refused'), { message }, file)
    t.same(filesOf(join(folder, 'refused')), [], file)
  }
})

t.test('an archive that is small and becomes large is stopped at the limit', async t => {
  mkdirSync(join(folder, 'large'))
  writeFileSync(join(folder, 'large', 'zeros'), Buffer.alloc(5_000_000))
  await t.rejects(unpacked(archive('large.tgz', '.', ['large']), 'stopped'), { message: 'the unpacked archive has more bytes than the limit of 1000000 (MODEL_LIMIT)' })
  t.same(filesOf(join(folder, 'stopped')), [])
})

t.test('an archive of very many files is stopped', async t => {
  const header = (path: string) => {
    const bytes = Buffer.alloc(512)
    new Header({ path, type: 'File', mode: 0o644, size: 0 }).encode(bytes)
    return bytes
  }
  const file = join(folder, 'many.tgz')
  writeFileSync(file, gzipSync(Buffer.concat([...Array.from({ length: 10_001 }, (_, at) => header(`${at}`)), Buffer.alloc(1024)])))
  await t.rejects(unpacked(file, 'many', 1e9), { message: 'the archive has more than 10000 entries' })
  t.same(filesOf(join(folder, 'many')), [])
})

t.test('an archive of folders deep inside one another is stopped, because a few bytes may name a thousand folders', async t => {
  const deep = `${'a/'.repeat(16)}model.onnx`
  const bytes = Buffer.alloc(512)
  new Header({ path: deep.slice(0, 90), type: 'File', mode: 0o644, size: 0 }).encode(bytes)
  for (const [name, content] of [['deep.tgz', gzipSync(Buffer.concat([bytes, Buffer.alloc(1024)]))], ['deep.zip', zip([{ name: deep, bytes: Buffer.of() }])]] as const) {
    writeFileSync(join(folder, name), content)
    await t.rejects(unpacked(join(folder, name), `of ${name}`), { message: /in more than 16 folders inside one another/ }, name)
    t.same(filesOf(join(folder, `of ${name}`)), [])
  }
})

t.test('the name of an archive tells', async t => {
  for (const name of ['a.tar', 'a.tar.gz', 'a.tgz', 'a.zip', 'A.ZIP']) t.ok(isArchive(name), name)
  for (const name of ['a.onnx', 'zip', 'a.gz', 'a.zip.onnx']) t.notOk(isArchive(name), name)
})

t.test('the first bytes tell the format, whatever the name', async t => {
  create({ sync: true, file: join(folder, 'plain.tgz'), cwd: folder }, ['food'])
  t.ok(readFileSync(join(await unpacked(join(folder, 'plain.tgz'), 'plain'), 'model.onnx')).equals(MODEL))
  writeFileSync(join(folder, 'really.tar'), zip([{ name: 'model.onnx', bytes: MODEL }]))
  t.ok(readFileSync(join(await unpacked(join(folder, 'really.tar'), 'really'), 'model.onnx')).equals(MODEL))
})

t.test('the layouts of exporters stay as they are', async t => {
  const file = join(folder, 'face.zip')
  const bytes = Buffer.from('{}')
  for (const [at, [entries, expected]] of ([
    [['vit/config.json', 'vit/onnx/model.onnx'], ['config.json', 'onnx', 'onnx/model.onnx']],
    [['onnx/model.onnx'], ['onnx', 'onnx/model.onnx']],
    [['MLmodel', 'weights.data'], ['MLmodel', 'weights.data']],
    [['labels.txt', 'model.onnx', 'cvexport.manifest'], ['cvexport.manifest', 'labels.txt', 'model.onnx']],
    [['__MACOSX/._wine', 'wine/wine.onnx'], ['wine.onnx']],
    [['wine/', 'wine/wine.onnx'], ['wine.onnx']]
  ] as const).entries()) {
    writeFileSync(file, zip(entries.map(name => ({ name, bytes: name.endsWith('/') ? Buffer.alloc(0) : bytes }))))
    t.same(filesOf(await unpacked(file, `layout ${at}`)), expected)
  }
})

t.test('a hostile ZIP file is refused, and leaves nothing', async t => {
  const model = { name: 'model.onnx', bytes: MODEL }
  for (const [bytes, message] of [
    [zip([{ ...model, name: '../model.onnx' }]), /invalid relative path/],
    [zip([{ ...model, name: '/tmp/model.onnx' }]), /absolute path/],
    [zip([{ ...model, mode: 0o120777 }]), /'model\.onnx', which is a SymbolicLink and not a file/],
    [zip([{ ...model, mode: 0o020666 }]), /'model\.onnx', which is a special file and not a file/],
    [zip([{ ...model, isEncrypted: true }]), /'model\.onnx' in the archive is encrypted/],
    [zip([{ ...model, size: 10 }]), /too many bytes/],
    [zip([model, model]), /EEXIST/],
    [zip([{ ...model, bytes: Buffer.alloc(5_000_000) }]), /more bytes than the limit of 1000000 \(MODEL_LIMIT\)/],
    [zip([model, { name: 'a', bytes: Buffer.alloc(900_000) }]), /more bytes than the limit of 1000000 \(MODEL_LIMIT\)/],
    [zip(Array.from({ length: 10_001 }, (_, at) => ({ name: `${at}`, bytes: Buffer.alloc(0) }))), /more than 10000 entries/],
    [zip([model]).subarray(0, 200_000), /central directory|end of/i],
    [Buffer.alloc(0), /is empty/]
  ] as const) {
    const file = join(folder, 'hostile.zip')
    writeFileSync(file, bytes)
    await t.rejects(unpacked(file, 'hostile'), { message })
    t.same(filesOf(join(folder, 'hostile')), [], String(message))
  }
})
