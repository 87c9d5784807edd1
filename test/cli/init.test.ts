import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { cardPath } from '../../cli/init.ts'
import { parseJsonWithComments } from '../../lib/card/jsonc.ts'
import { modelFolder } from '../fixtures/model.ts'
import { onnxFile } from '../fixtures/onnx.ts'
import { servery } from './servery.ts'

/** A classifier of pictures of 8 × 8, as torch exports it: nothing says how they are prepared. */
const picture = onnxFile([['input', 'float32', ['batch', 3, 8, 8]]], [['logits', 'float32', ['batch', 3]]], [
  { op: 'GlobalAveragePool', from: ['input'], to: 'means' }, { op: 'Flatten', from: ['means'], to: 'logits' }
])

function bare (t: Parameters<typeof modelFolder>[0], model: Uint8Array): string {
  const folder = modelFolder(t, { model })
  rmSync(join(folder, 'card.json'))
  return folder
}

t.test('the card is written beside the model, with a comment at each assumption, and serves', async t => {
  const folder = bare(t, picture)
  const path = join(folder, 'card.json')
  t.match(await servery(['init', folder]), { code: 0, stdout: `${path}\n`, stderr: '' })
  const text = readFileSync(path, 'utf8')
  t.match(text, /\/\/ Worked out from: /)
  t.match(text, /\/\/ assumed: /)
  t.match(await parseJsonWithComments(text), { input: { kind: 'image', tensor: 'input', width: 8, height: 8, layout: 'NCHW' }, output: { kind: 'classes', tensor: 'logits' }, labels: ['0', '1', '2'] })
  const { code, stdout } = await servery(['inspect', folder, '--json'])
  t.equal(code, 0)
  t.same(JSON.parse(stdout).assumptions, [], 'and nothing is assumed any more')
})

t.test('a card that is there stays, unless --force is given', async t => {
  const folder = modelFolder(t)
  const path = join(folder, 'card.json')
  const before = readFileSync(path, 'utf8')
  t.match(await servery(['init', folder]), { code: 1, stderr: `servery: ${path} is there; replace it with --force, or write another file with --out FILE\n` })
  t.equal(readFileSync(path, 'utf8'), before)
  t.match(await servery(['init', folder, '--force']), { code: 0 })
  t.match(await parseJsonWithComments(readFileSync(path, 'utf8')), JSON.parse(before))
  const other = join(folder, 'other.json')
  t.match(await servery(['init', folder, '--out', other]), { code: 0, stdout: `${other}\n` })
  t.ok(existsSync(other))
})

t.test('a preset settles what is assumed', async t => {
  const folder = bare(t, picture)
  t.match(await servery(['init', folder, '--preset', 'timm']), { code: 0 })
  t.match(await parseJsonWithComments(readFileSync(join(folder, 'card.json'), 'utf8')), { input: { resize: { filter: 'bicubic' }, width: 8 } })
  t.match(await servery(['init', folder, '--preset', 'tim']), { code: 2, stderr: 'servery: --preset tim must be one of torchvision, timm, keras, sklearn\n' })
})

t.test('an archive has no place for a card', async t => {
  t.match(await servery(['init', 'a.zip']), { code: 1, stderr: /a\.zip is an archive; say with --out FILE where to write the card/ })
})

t.test('the card of a model is beside its file, or at the top of its folder', async t => {
  const folder = t.testdir({ onnx: {} })
  const files = { model: join(folder, 'onnx', 'model.onnx'), root: folder, name: 'm', read: async () => null, names: [] }
  t.equal(await cardPath(files), join(folder, 'card.json'))
  writeFileSync(join(folder, 'onnx', 'card.json'), '{}')
  t.equal(await cardPath(files), join(folder, 'onnx', 'card.json'))
})
