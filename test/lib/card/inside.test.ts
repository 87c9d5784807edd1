import { symlinkSync, truncateSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { isInside, kindOf, readInside } from '../../../lib/card/inside.ts'

t.test('a path is inside its folder, also if its name starts with dots', async t => {
  for (const path of ['/m', '/m/a', '/m/a/b', '/m/..a', '/m/...']) t.equal(isInside('/m', path), true, path)
  for (const path of ['/', '/n', '/mm', '/m/..', '/m/../n', '/m/a/../../n']) t.equal(isInside('/m', path), false, path)
  t.equal(isInside('/', '/m'), true)
})

t.test('a file of a folder is read, and nothing outside it, neither by a path nor by a link', async t => {
  const folder = t.testdir({ 'secret.txt': 'secret', model: { 'a.txt': 'a', below: { 'b.txt': 'b' } } })
  const root = join(folder, 'model')
  symlinkSync('../secret.txt', join(root, 'out.txt'))
  symlinkSync('below/b.txt', join(root, 'in.txt'))
  t.equal(String(await readInside(root, join(root, 'a.txt'))), 'a')
  t.equal(String(await readInside(root, join(root, 'in.txt'))), 'b', 'links inside are followed')
  t.equal(await readInside(root, join(root, 'none.txt')), null)
  t.equal(await readInside(root, join(root, 'below')), null, 'a folder is no file')
  for (const path of ['out.txt', '../secret.txt', 'below/../../secret.txt']) await t.rejects(readInside(root, join(root, path)), { code: 'SRV_MODEL_INVALID' }, path)
})

t.test('a file over 16 MiB is refused before it is read', async t => {
  const root = t.testdir({ 'huge.txt': '' })
  truncateSync(join(root, 'huge.txt'), 16 * 1024 * 1024 + 1)
  await t.rejects(readInside(root, join(root, 'huge.txt')), { code: 'SRV_MODEL_INVALID', message: /has 16777217 bytes, over the limit of 16777216/ })
})

t.test('files, folders and all else are told apart', async t => {
  const root = t.testdir({ 'a.txt': '' })
  t.same(await Promise.all([join(root, 'a.txt'), root, '/dev/null', join(root, 'b')].map(kindOf)), ['file', 'folder', 'other', null])
})
