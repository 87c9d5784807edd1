import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { readReference } from '../../../lib/reference/reference.ts'
import type { Signature } from '../../../lib/tensor.ts'
import { npy } from '../../fixtures/npy.ts'
import { zip } from '../../fixtures/zip.ts'

const signature: Signature = { inputs: [{ name: 'x', dtype: 'float32', shape: [null, 2] }], outputs: [{ name: '/Softmax:0', dtype: 'float32', shape: [null, 2] }] }
const floats = (...values: number[]) => npy(`{'descr': '<f4', 'fortran_order': False, 'shape': (1, ${values.length}), }`, Float32Array.from(values))

function file (t: Test, name: string, bytes: string | Uint8Array): string {
  const path = join(t.testdir(), name)
  writeFileSync(path, bytes)
  return path
}

const expected = { inputs: { x: { shape: [1, 2], values: [1, 2] } }, outputs: { '/Softmax:0': { shape: [1, 2], values: [0.25, 0.75] } } }

t.test('the arrays of an .npz are the inputs and outputs of their names', async t => {
  const path = file(t, 'r.npz', zip([{ name: 'x.npy', bytes: floats(1, 2) }, { name: '/Softmax:0.npy', bytes: floats(0.25, 0.75) }]))
  t.match(await readReference(path, signature), expected)
})

t.test('JSON has them as nested lists', async t => {
  t.match(await readReference(file(t, 'r.json', '{"inputs": {"x": [[1, 2]]}, "outputs": {"/Softmax:0": [[0.25, 0.75]]}}'), signature), expected)
})

t.test('what cannot be compared is refused, with the name of the file', async t => {
  const x = { name: 'x.npy', bytes: floats(1, 2) }
  for (const [name, bytes, message] of [
    ['r.npz', zip([x, { name: 'z.npy', bytes: floats(1) }]), /'z' is no tensor of the model; its inputs are 'x', its outputs '\/Softmax:0'/],
    ['r.npz', zip([{ name: '/Softmax:0.npy', bytes: floats(1, 2) }]), /lacks the input 'x'/],
    ['r.npz', zip([x]), /holds no output to compare with/],
    ['r.npz', zip([{ name: 'x.npy', bytes: Buffer.from('text') }]), /'x' is not an array of NumPy/],
    ['r.npz', zip([{ ...x, size: 600 * 1024 * 1024 }]), /more than 536870912 bytes/],
    ['r.npz', zip(Array.from({ length: 1001 }, (_, at) => ({ name: `${at}.npy`, bytes: floats(1) }))), /more than 1000 arrays/],
    ['r.npz', 'no archive', /r\.npz: .*(?:record|signature|ZIP)/i],
    ['r.json', '{', /r\.json: .*JSON/],
    ['r.json', '{"inputs": {"x": [1]}}', /has no "outputs"/],
    ['r.json', '{"inputs": {"x": [[1], [1, 2]]}, "outputs": {}}', /'x' has lists of different lengths/]
  ] as const) {
    const path = file(t, name, bytes)
    await t.rejects(readReference(path, signature), { code: 'SRV_MODEL_REFERENCE_INVALID', message })
    await t.rejects(readReference(path, signature), { message: new RegExp(`^${path}: `) })
  }
  await t.rejects(readReference(t.testdir(), signature), { message: /is not a file/ })
  await t.rejects(readReference(join(t.testdir(), 'no.npz'), signature), { message: /there is no such file/ })
})
