import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { projectFile } from '../../lib/project.ts'
import { echoCard, modelFolder } from '../fixtures/model.ts'
import { npy } from '../fixtures/npy.ts'
import { zip } from '../fixtures/zip.ts'
import { servery } from './servery.ts'

const sample = (probability: number, row = [0.1, 0.9]) => ({ row, label: 'high', probability })

t.test('a model in order says so', async t => {
  t.match(await servery(['check', modelFolder(t, { card: { ...echoCard, samples: [sample(0.9)] } })]), { code: 0, stdout: 'echo 1: in order (1 golden sample)\n', stderr: '' })
})

t.test('all faults are listed, each in one line', async t => {
  const folder = modelFolder(t, { card: { ...echoCard, samples: [sample(0.5), sample(0.9), sample(0.6, [0.2, 0.8])] } })
  const reference = join(folder, 'r.json')
  writeFileSync(reference, '{"inputs": {"x": [[0.25, 0.75]]}, "outputs": {"y": [[0.25, 0.5]]}}')
  const { code, stdout, stderr } = await servery(['check', folder, '--reference', reference])
  t.same([code, stdout], [1, ''])
  const lines = stderr.trimEnd().split('\n')
  t.equal(lines.length, 3, stderr)
  t.match(lines[0]!, /model\.onnx: sample \[0\.1,0\.9\] has label 'high' with probability 0\.5/)
  t.match(lines[1]!, /model\.onnx: sample \[0\.2,0\.8\]/)
  t.match(lines[2]!, /r\.json: output 'y' differs in 1 of 2 elements by more than 0\.0001: element 1 is 0\.75, in the reference 0\.5/)
})

t.test('inputs and outputs from Python are compared within the tolerance', async t => {
  const folder = modelFolder(t)
  const reference = join(folder, 'r.npz')
  const array = (...values: number[]) => npy(`{'descr': '<f8', 'fortran_order': False, 'shape': (${values.length / 2}, 2), }`, Float64Array.from(values))
  writeFileSync(reference, zip([{ name: 'x.npy', bytes: array(0.25, 0.75, 0.5, 0.5) }, { name: 'y.npy', bytes: array(0.25, 0.75, 0.5, 0.501) }]))
  t.match(await servery(['check', folder, '--reference', reference]), { code: 1, stderr: /element 3 is 0\.5, in the reference 0\.501/ })
  t.match(await servery(['check', folder, '--reference', reference, '--tolerance', '0.01']), { code: 0 })
  t.match(await servery(['check', folder, '--tolerance', 'small']), { code: 2, stderr: 'servery: --tolerance small must be a number of at least 0\n' })
})

t.test('--record adds golden samples of rows, and of pictures with a copy', async t => {
  const folder = modelFolder(t, { card: { ...echoCard, samples: [sample(0.9)] } })
  writeFileSync(join(folder, 'rows.csv'), 'width,height\n0.75,0.25\n')
  t.match(await servery(['check', folder, '--record', join(folder, 'rows.csv')]), { code: 0, stdout: /card\.json: 1 golden sample added/ })
  t.same(JSON.parse(readFileSync(join(folder, 'card.json'), 'utf8')).samples, [sample(0.9), { row: [0.75, 0.25], label: 'wide', probability: 0.75 }])
  t.match(await servery(['check', folder]), { code: 0, stdout: 'echo 1: in order (2 golden samples)\n' })

  const pictures = modelFolder(t, { model: readFileSync(projectFile('models/tensorfood/model.onnx')), card: (({ samples, ...card }) => card)(JSON.parse(readFileSync(projectFile('models/tensorfood/card.json'), 'utf8'))) })
  t.match(await servery(['check', pictures, '--record', projectFile('models/tensorfood/samples/chips.png')]), { code: 0 })
  t.match(JSON.parse(readFileSync(join(pictures, 'card.json'), 'utf8')).samples, [{ file: 'samples/chips.png', label: String }])
  t.ok(existsSync(join(pictures, 'samples', 'chips.png')))
})

t.test('a model that does not load is one fault', async t => {
  t.match(await servery(['check', modelFolder(t, { model: 'text' })]), { code: 1, stderr: /^servery: .*model\.onnx: .*text file.*\n$/ })
  t.match(await servery(['check', 'a.zip', '--record', 'a.csv']), { code: 1, stderr: /a\.zip is an archive; unpack it to record samples/ })
})
