import { randomBytes } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { create, Header } from 'tar'
import t from 'tap'
import { unpack } from '../../../lib/sources/archive.ts'

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
    [archive('card.tgz', 'cardOnly', ['.']), /has no model\.onnx/],
    [archive('deep.tgz', '.', ['deep']), /has no model\.onnx/],
    [cut, /unexpected end of file/],
    [join(folder, 'text.tgz'), /incorrect header check/]
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
