import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import t from 'tap'
import { expected, picture } from '../fixtures/expected.ts'
import { echoCard, modelFolder } from '../fixtures/model.ts'
import { onnxFile, type Value } from '../fixtures/onnx.ts'
import { hasTerminal, onTerminal, servery } from './servery.ts'

const folder = t.testdir({ 'notes.jpg': 'hello' })
const png = join(folder, 'a.png')
writeFileSync(png, picture('rgb.png'))
const { label, probability } = expected.pictures['rgb.png']!

t.test('answers each input in its order, as JSON lines where there is no terminal', async t => {
  const { code, stdout, stderr } = await servery(['predict', png, png])
  t.same([code, stderr], [0, ''])
  const lines = stdout.trimEnd().split('\n').map(line => JSON.parse(line))
  t.match(lines, [{ file: png, label, index: Number }, { file: png, label, index: Number }])
  t.ok(Math.abs(lines[0].probability - probability) < 1e-3)
  t.notOk('top' in lines[0])
})

t.test('prints as many labels as wanted, in the format that is wanted', async t => {
  const { stdout } = await servery(['predict', '--json', '--top-k', '2', png])
  t.match(JSON.parse(stdout), { file: png, label, top: [{ label }, {}] })
  t.match((await servery(['predict', '--format', 'csv', png])).stdout, new RegExp(`^file,label,probability\n${png},${label},${probability.toFixed(2)}\\d+\n$`))
  t.match((await servery(['predict', '--format', 'table', png])).stdout, new RegExp(`^file +label +probability\n${png} +${label} +${(probability * 100).toFixed(1)} %\n$`))
})

t.test('on a terminal, it is a table under which a bar shows how far it is', { skip: !hasTerminal && 'there is no script of util-linux' }, async t => {
  const { code, stdout } = await onTerminal(['predict', png, join(folder, 'notes.jpg'), png])
  t.equal(code, 1)
  t.match(stdout, new RegExp(`file +label +probability\r\n…?[^\r\n]*a\\.png +${label} +${(probability * 100).toFixed(1)} %\r\n`))
  t.match(stdout, /█.* {2}\d of 3\r/)
  t.match(stdout, /servery: file '.*notes\.jpg' is not an image; .*\r\n/)
  t.match(stdout, /\r\n2 answered, 1 failed\r\n$/)
})

t.test('a file that is not an image, or is not there, is one clear line and exit code 1; the others are answered', async t => {
  const { code, stdout, stderr } = await servery(['predict', join(folder, 'notes.jpg'), png, join(folder, 'nothing.jpg'), join(folder, '*.gif'), 's3://bucket/a.jpg'])
  t.equal(code, 1)
  t.match(JSON.parse(stdout), { label })
  const lines = stderr.split('\n')
  for (const [at, pattern] of [/^servery: file '.*notes\.jpg' is not an image; send one of JPEG/, /^servery: .*nothing\.jpg: there is no such file or folder$/, /^servery: no file matches .*\*\.gif$/, /^servery: s3:\/\/bucket\/a\.jpg is not an input/, /^$/].entries()) t.match(lines[at], pattern)
  t.equal(lines.length, 5)
})

t.test('two formats at once are refused', async t => {
  t.match(await servery(['predict', '--json', '--format', 'csv', png]), { code: 2, stdout: '', stderr: 'servery: --json and --format csv are two formats; choose one\n' })
})

t.test('an address of an unknown kind is no model, and no input', async t => {
  const { code, stdout, stderr } = await servery(['predict', 'ftp://example.org/a.jpg'])
  t.same([code, stdout], [1, ''])
  t.match(stderr, /^servery: ftp:\/\/example\.org\/a\.jpg is not an input: it must be a file, a folder, a pattern, an https: or http: address, or - for the standard input\n$/)
})

t.test('folders, patterns, addresses and the standard input are inputs', async t => {
  const photos = t.testdir({ below: {} })
  for (const name of ['b.png', 'below/c.png']) writeFileSync(join(photos, name), picture('rgb.png'))
  writeFileSync(join(photos, 'notes.txt'), 'hello')
  const server = createServer((_request, response) => response.end(picture('rgb.png'))).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => { server.closeAllConnections(); server.close() })
  const address = server.address()
  const url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}/photo?id=7`
  const { code, stdout, stderr } = await servery(['predict', photos, join(photos, '*.png'), url, '-'], {}, { input: picture('rgb.png') })
  t.same([code, stderr], [0, ''])
  t.match(stdout.trimEnd().split('\n').map(line => JSON.parse(line)), [join(photos, 'b.png'), join(photos, 'below/c.png'), join(photos, 'b.png'), url, '-'].map(file => ({ file, label })))
  t.match(await servery(['predict', '-', '--upload-limit', '1000'], {}, { input: Buffer.alloc(2000) }), { code: 1, stderr: /^servery: the standard input has more than 1000 bytes; .*--upload-limit\n$/ })
})

t.test('the first argument is the model if it is one, and an input otherwise', async t => {
  const model = modelFolder(t)
  const csv = join(model, 'rows.csv')
  writeFileSync(csv, 'width,height\n0.25,0.75\n0.5,0.125\n')
  for (const args of [[model, csv], [join(model, 'model.onnx'), csv], [csv, '--model-path', model]]) {
    const { code, stdout } = await servery(['predict', ...args])
    t.equal(code, 0)
    t.same(stdout.trimEnd().split('\n').map(line => JSON.parse(line)), [{ file: `${csv}:1`, label: 'high', probability: 0.75, index: 1 }, { file: `${csv}:2`, label: 'wide', probability: 0.5, index: 0 }])
  }
  t.match(await servery(['predict', join(model, 'model.onnx')]), { code: 2, stderr: `servery: name a file, a folder or an address to answer: servery predict ${join(model, 'model.onnx')} photo.jpg\n` })
})

t.test('what to answer must be said, and in full', async t => {
  t.match(await servery(['predict']), { code: 2, stdout: '', stderr: 'servery: name a file, a folder or an address to answer: servery predict photo.jpg\n' })
  t.match(await servery(['predict', '--top-k', 'all', png]), { code: 2, stdout: '', stderr: 'servery: --top-k all must be a whole number of at least 1\n' })
  t.match(await servery(['predict', '--format', 'xml', png]), { code: 2, stdout: '', stderr: 'servery: --format xml must be one of table, json, csv\n' })
})

t.test('each kind of answer is printed', async t => {
  const outputs: Value[] = [['y', 'float32', ['batch', 2]], ['z', 'string', ['batch']], ['one', 'float32', ['batch', 1]]]
  const model = onnxFile([['x', 'float32', ['batch', 2]]], outputs, [
    { op: 'Identity', from: ['x'], to: 'y' }, { op: 'ArgMax', from: ['x'], to: 'place', attributes: { axis: 1, keepdims: 0 } }, { op: 'Cast', from: ['place'], to: 'z', attributes: { to: 8 } },
    { op: 'Gather', from: ['x', 'first'], to: 'one', attributes: { axis: 1 } }
  ], { first: [0] })
  for (const [output, labels, json] of [
    [{ kind: 'labels', tensor: 'y', activation: 'none' }, ['wide', 'high'], { labels: [{ label: 'high', index: 1, probability: 0.75 }], top: [{ label: 'high', index: 1, probability: 0.75 }] }],
    [{ kind: 'labels', tensor: 'y', activation: 'none', threshold: 0.9 }, ['wide', 'high'], { labels: [], top: [{ label: 'high', index: 1, probability: 0.75 }] }],
    [{ kind: 'label', label: 'z', classes: ['0', '1'] }, ['wide', 'high'], { label: 'high', index: 1 }],
    [{ kind: 'label', label: 'z' }, [], { label: '1' }],
    [{ kind: 'value', tensor: 'one' }, [], { value: 0.2 }],
    [{ kind: 'tensors' }, [], { outputs: { y: [[0.2, 0.75]], z: ['1'], one: [[0.2]] } }]
  ] as const) {
    const folder = modelFolder(t, { card: { ...echoCard, labels, output }, model })
    const file = join(folder, 'row.csv')
    writeFileSync(file, 'width,height\n0.2,0.75\n')
    const { stdout } = await servery(['predict', file], { MODEL_PATH: folder })
    t.same(JSON.parse(stdout), { file: `${file}:1`, ...json }, output.kind)
  }
})
