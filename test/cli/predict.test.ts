import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { expected, picture } from '../fixtures/expected.ts'
import { echoCard, modelFolder } from '../fixtures/model.ts'
import { onnxFile, type Value } from '../fixtures/onnx.ts'
import { servery } from './servery.ts'

const folder = t.testdir({ 'notes.jpg': 'hello' })
const png = join(folder, 'a.png')
writeFileSync(png, picture('rgb.png'))
const { label, probability } = expected.pictures['rgb.png']!

t.test('prints the label and the probability of each picture', async t => {
  const { code, stdout } = await servery(['predict', png, png])
  t.equal(code, 0)
  t.same(stdout.split('\n'), [`${png}: ${label} ${probability.toFixed(4)}`, `${png}: ${label} ${probability.toFixed(4)}`, ''])
})

t.test('prints JSON with as many labels as wanted', async t => {
  const { stdout } = await servery(['predict', '--json', '--top-k', '2', png])
  t.match(JSON.parse(stdout), { file: png, top: [{ label }, {}] })
})

t.test('a file that is not an image, or is not there, is one clear line and exit code 1; the others are answered', async t => {
  const { code, stdout, stderr } = await servery(['predict', join(folder, 'notes.jpg'), png, join(folder, 'nothing.jpg')])
  t.equal(code, 1)
  t.match(stdout, label)
  const [first, second, rest] = stderr.split('\n')
  t.match(first, /^servery: file '.*notes\.jpg' is not an image; send one of JPEG/)
  t.match(second, /^servery: .*nothing\.jpg/)
  t.equal(rest, '')
})

t.test('what to answer must be said, and in full', async t => {
  t.match(await servery(['predict']), { code: 1, stderr: /^servery: name at least one picture: servery predict photo\.jpg\n$/ })
  t.match(await servery(['predict', '--top-k', 'all', png]), { code: 1, stderr: /^servery: --top-k all must be a whole number of at least 1\n$/ })
})

t.test('each kind of answer is printed as text and as JSON', async t => {
  const outputs: Value[] = [['y', 'float32', ['batch', 2]], ['z', 'string', ['batch']], ['one', 'float32', ['batch', 1]]]
  const model = onnxFile([['x', 'float32', ['batch', 2]]], outputs, [
    { op: 'Identity', from: ['x'], to: 'y' }, { op: 'ArgMax', from: ['x'], to: 'place', attributes: { axis: 1, keepdims: 0 } }, { op: 'Cast', from: ['place'], to: 'z', attributes: { to: 8 } },
    { op: 'Gather', from: ['x', 'first'], to: 'one', attributes: { axis: 1 } }
  ], { first: [0] })
  for (const [output, labels, text, json] of [
    [{ kind: 'labels', tensor: 'y', activation: 'none' }, ['wide', 'high'], 'high (most probable: high 0.7500)', { labels: [{ label: 'high', index: 1, probability: 0.75 }], top: [{ label: 'high', index: 1, probability: 0.75 }] }],
    [{ kind: 'labels', tensor: 'y', activation: 'none', threshold: 0.9 }, ['wide', 'high'], 'no label (most probable: high 0.7500)', { labels: [], top: [{ label: 'high', index: 1, probability: 0.75 }] }],
    [{ kind: 'label', label: 'z', classes: ['0', '1'] }, ['wide', 'high'], 'high', { label: 'high', index: 1 }],
    [{ kind: 'label', label: 'z' }, [], '1', { label: '1' }],
    [{ kind: 'value', tensor: 'one' }, [], '0.2', { value: 0.2 }],
    [{ kind: 'tensors' }, [], '{"y":[[0.2,0.75]],"z":["1"],"one":[[0.2]]}', { outputs: { y: [[0.2, 0.75]], z: ['1'], one: [[0.2]] } }]
  ] as const) {
    const folder = modelFolder(t, { card: { ...echoCard, labels, output }, model })
    const file = join(folder, 'row.csv')
    writeFileSync(file, 'width,height\n0.2,0.75\n')
    t.match(await servery(['predict', file], { MODEL_PATH: folder }), { code: 0, stdout: `${file}:1: ${text}\n` }, output.kind)
    const { stdout } = await servery(['predict', '--json', file], { MODEL_PATH: folder })
    t.same(JSON.parse(stdout), { file: `${file}:1`, ...json }, output.kind)
  }
})
