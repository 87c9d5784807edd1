import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import onnxProto, { type onnx } from 'onnx-proto'
import t from 'tap'
import { readGraph } from '../../../../lib/card/onnx/graph.ts'
import { projectFile } from '../../../../lib/project.ts'
import { declared, folderOf, lineOf, listOfMaps, modelOf } from '../../../fixtures/graph.ts'
import { anyMutation, mutated } from '../../../fuzz/mutations.ts'

const { onnx: { AttributeProto, TensorProto } } = onnxProto
const { AttributeType } = AttributeProto

t.test("scikit-learn's iris is read as Python's onnx reads it", async t => {
  const graph = await readGraph(projectFile('models/iris/model.onnx'))
  t.match(graph, { producer: 'skl2onnx', irVersion: 10, opsets: { '': 9, 'ai.onnx.ml': 1 }, metadata: {}, parameters: 0, bytes: 650, externalFiles: [] })
  t.same(graph.inputs, [{ name: 'X', type: 'tensor', dtype: 'float32', shape: [null, 4], denotation: '' }])
  t.same(graph.outputs, [
    { name: 'output_label', type: 'tensor', dtype: 'int64', shape: [null], denotation: '' },
    { name: 'output_probability', type: 'sequence', dtype: null, shape: null, denotation: '' }
  ])
  t.same(graph.nodes.map(({ opType }) => opType), ['LinearClassifier', 'Cast', 'Normalizer', 'ZipMap'])
  const classifier = graph.producerOf('label')
  t.match(classifier, { domain: 'ai.onnx.ml', attributes: { classlabels_ints: { ints: [0, 1, 2] }, multi_class: { int: 1 }, post_transform: { string: 'SOFTMAX' } } })
  t.equal(classifier?.attributes.coefficients?.floats?.length, 12)
  t.ok(Math.abs((classifier?.attributes.intercepts?.floats?.[2] ?? 0) + 11.920318603515625) < 1e-9)
  t.same(graph.consumersOf('probabilities'), [graph.producerOf('output_probability')])
  t.same([graph.producerOf('X'), graph.producerOf('none'), graph.consumersOf('output_label'), graph.initializer('X')], [null, null, [], null])
})

t.test("a quantised network is read as Python's onnx reads it", async t => {
  const graph = await readGraph(projectFile('models/fashion-mnist/model.onnx'))
  t.match(graph, { producer: 'onnx.quantize', irVersion: 8, parameters: 221229, bytes: 276863, metadata: { 'onnx.infer': 'onnxruntime.quant' } })
  t.equal(graph.opsets['com.microsoft'], 1)
  t.equal(graph.nodes.length, 59)
  t.same(graph.inputs, [{ name: 'image', type: 'tensor', dtype: 'uint8', shape: ['batch', 28, 28, 1], denotation: '' }])
  t.same(graph.initializer('/Constant_output_0'), { dtype: 'float32', shape: [], values: [255] })
  t.same(graph.initializer('/network/stages.0/widen/widen.2/Relu_output_0_zero_point'), { dtype: 'uint8', shape: [], values: [0] })
  t.equal(graph.initializer('/Constant_output_0'), graph.initializer('/Constant_output_0'), 'decoded once')
  t.equal(graph.producerOf('probabilities')?.opType, 'Softmax')
  for (const [name, parameters, bytes] of [['food101', 3563621, 3926781], ['tensorfood', 3465961, 3828207]] as const) {
    t.match(await readGraph(projectFile(`models/${name}/model.onnx`)), { parameters, bytes })
  }
})

const x = declared('x', 1, ['N', 2])
const y = declared('y', 1, ['N', 2])
const relu: onnx.INodeProto = { opType: 'Relu', input: ['x'], output: ['y'] }

t.test('inputs exclude initializers, and a value that a node takes twice has one consumer', async t => {
  const folder = folderOf(t, {
    'model.onnx': modelOf({
      input: [x, declared('W', 1, [2])],
      output: [y],
      initializer: [{ name: 'W', dataType: 1, dims: [2], floatData: [1, 2] }],
      node: [{ opType: 'Add', input: ['x', 'x'], output: ['z', ''] }, { opType: 'Add', input: ['z', 'W', ''], output: ['y'] }]
    })
  })
  const graph = await readGraph(join(folder, 'model.onnx'))
  t.same(graph.inputs.map(({ name }) => name), ['x'])
  t.equal(graph.consumersOf('x').length, 1)
  t.same(graph.consumersOf(''), [])
  t.equal(graph.producerOf(''), null)
  t.same(graph.initializer('W')?.values, [1, 2])
})

t.test('the producer is one short line, and metadata keep every key', async t => {
  const metadataProps = [{ key: '__proto__', value: '{}' }, { key: 'names', value: "{0: 'cat'}" }]
  const folder = folderOf(t, { 'model.onnx': modelOf({ node: [relu], input: [x], output: [y] }, { producerName: `CatBoost\u001b[31m${'x'.repeat(100)}\ncommit 123`, metadataProps }) })
  const { producer, metadata } = await readGraph(join(folder, 'model.onnx'))
  t.equal(producer, `CatBoost [31m${'x'.repeat(51)}…`)
  t.same(Object.keys(metadata), ['__proto__', 'names'])
  t.equal(metadata.names, "{0: 'cat'}")
})

t.test('external data count, and operators that the file itself defines are no strangers', async t => {
  const W: onnx.ITensorProto = { name: 'W', dataType: 1, dims: [2], dataLocation: TensorProto.DataLocation.EXTERNAL, externalData: [{ key: 'location', value: 'w.data' }] }
  const model = modelOf({ input: [x], output: [y], initializer: [W], node: [{ opType: 'Own', domain: 'pkg.local', input: ['x', 'W'], output: ['y'] }] }, {
    opsetImport: [{ domain: 'ai.onnx', version: 17 }, { domain: 'pkg.local', version: 1 }],
    functions: [{ name: 'Own', domain: 'pkg.local', input: ['a', 'b'], output: ['c'], node: [{ opType: 'Add', input: ['a', 'b'], output: ['c'] }] }]
  })
  const graph = await readGraph(join(folderOf(t, { 'model.onnx': model, 'w.data': '12345678' }), 'model.onnx'))
  t.match(graph, { opsets: { '': 17, 'pkg.local': 1 }, externalFiles: ['w.data'], bytes: model.length + 8, parameters: 2 })
  t.same(graph.initializer('W'), { dtype: 'float32', shape: [2], values: null })
})

/** A model that is good but for one part. */
const model = (graph: onnx.IGraphProto, extra: onnx.IModelProto = {}) => modelOf({ input: [x], output: [y], node: [relu], ...graph }, extra)
const external = (externalData: Record<string, string>): onnx.ITensorProto => ({
  name: 'W', dataType: 1, dims: [4], dataLocation: TensorProto.DataLocation.EXTERNAL, externalData: Object.entries(externalData).map(([key, value]) => ({ key, value }))
})
const iris = readFileSync(projectFile('models/iris/model.onnx'))
const food = readFileSync(projectFile('models/tensorfood/model.onnx'))

/** A field that holds bytes, by protobuf's encoding. */
function field (number: number, content: Uint8Array): Buffer {
  const length: number[] = []
  for (let rest = content.length; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) {
      length.push(rest)
      break
    }
    length.push(rest % 128 | 128)
  }
  return Buffer.concat([Buffer.of(number << 3 | 2, ...length), content])
}

/** A graph in a graph in a graph … */
function nested (depth: number): Buffer {
  let graph: Buffer = Buffer.alloc(0)
  for (let level = 0; level < depth; level++) graph = field(1, field(5, field(6, graph)))
  return Buffer.concat([Buffer.of(8, 8), field(7, graph)])
}

const HOSTILE: Record<string, [content: string | Uint8Array, line: RegExp]> = {
  'empty file': ['', /is empty \(0 bytes\); download or export it again$/],
  'Git LFS pointer': ['version https://git-lfs.github.com/spec/v1\noid sha256:1\nsize 2\n', /Git LFS pointer.*git lfs pull/],
  'HTML page': ['<!doctype html><html><body>404', /HTML page.*download the file itself/],
  text: ['hello', /is a text file.*give the \.onnx file/],
  JSON: ['{"a": 1}', /is a JSON file/],
  zip: [Buffer.from('PK\x03\x04zip'), /ZIP archive.*unpack it/],
  'PyTorch checkpoint': [Buffer.from(`PK\x03\x04${'\0'.repeat(26)}archive/data.pkl`), /PyTorch checkpoint.*torch\.onnx\.export/],
  pickle: [Buffer.from('80049500', 'hex'), /pickle.*skl2onnx/],
  'Keras h5': [Buffer.from('\x89HDF\r\n\x1a\n', 'latin1'), /HDF5.*model\.export/],
  TFLite: [Buffer.from('\x1c\0\0\0TFL3'), /TensorFlow Lite.*tf2onnx/],
  safetensors: [Buffer.from('\x10\0\0\0\0\0\0\0{"a":{}}'), /safetensors.*optimum-cli/],
  gzip: [Buffer.from('1f8b0800', 'hex'), /gzip.*decompress/],
  zeros: [Buffer.alloc(5000), /nothing but zeros.*download it again/],
  'random bytes': [Buffer.from('d1f3a7c29b0e77615c', 'hex'), /no ONNX file, or is .*; download or export it again/],
  'one byte': [Buffer.of(8), /cut off or damaged/],
  'an ir_version alone': [Buffer.of(8, 8), /is no ONNX model: it has no graph.*give the \.onnx file/],
  SavedModel: [Buffer.concat([Buffer.of(8, 1), field(2, Buffer.from('meta graph'))]), /no graph \(a TensorFlow \.pb file\? convert it with python -m tf2onnx/],
  'TensorFlow GraphDef': [field(1, field(1, Buffer.from('node'))), /no ONNX file, or is damaged: field 1 .*wire type/],
  'a tensor alone': [Buffer.from(TensorProto.encode(TensorProto.create({ dims: [1], dataType: 1, floatData: [1] })).finish()), /no ONNX (?:model|file)/],
  'no ir_version': [field(7, Buffer.alloc(0)), /has no ir_version/],
  'cut off in the middle': [iris.subarray(0, 300), /cut off or damaged.*download or export it again/],
  'cut off at the last byte': [iris.subarray(0, -1), /cut off or damaged/],
  'a large file cut off': [food.subarray(0, 1_000_000), /cut off or damaged/],
  'two graphs': [Buffer.concat([iris, field(7, Buffer.alloc(0))]), /field 7 twice/],
  'something after the end': [Buffer.concat([iris, Buffer.from('\xff\xff\xff')]), /cut off|damaged/],
  'a length of 4 GiB': [Buffer.concat([Buffer.of(8, 8, 0x3a, 0xff, 0xff, 0xff, 0xff, 0x0f), Buffer.alloc(100)]), /cut off or damaged/],
  'a length that never ends': [Buffer.concat([Buffer.of(8, 8, 0x3a), Buffer.alloc(100, 0xff)]), /cut off|damaged/],
  'graph as a number': [Buffer.of(8, 8, 0x38, 1), /field 7 of a message has the wire type 0, not 2/],
  'a group': [Buffer.concat([Buffer.of(8, 8), Buffer.alloc(100, 0x4b)]), /unknown wire type 3/],
  'a thousand subgraphs in one another': [nested(1000), /nests subgraphs more than 32 deep; export it without control flow/],
  'a million nodes': [Buffer.concat([Buffer.of(8, 8), field(7, Buffer.alloc(2_000_000, Buffer.of(0x0a, 0)))]), /more than 65536 nodes/],
  'a million inputs': [Buffer.concat([Buffer.of(8, 8), field(7, Buffer.alloc(2_000_000, Buffer.of(0x5a, 0)))]), /more than 10000 inputs/],
  'a million outputs': [Buffer.concat([Buffer.of(8, 8), field(7, Buffer.alloc(2_000_000, Buffer.of(0x62, 0)))]), /more than 10000 outputs/],
  'a million initializers': [Buffer.concat([Buffer.of(8, 8), field(7, Buffer.alloc(2_000_000, Buffer.of(0x2a, 0)))]), /more than 200000 initializers/],
  'a million sets of operators': [Buffer.concat([Buffer.of(8, 8), Buffer.alloc(2_000_000, Buffer.of(0x42, 0))]), /more than 1000 operator sets/],
  'a million entries of metadata': [Buffer.concat([Buffer.of(8, 8), Buffer.alloc(2_000_000, Buffer.of(0x72, 0))]), /more than 1000 entries of metadata/],
  'a million functions': [Buffer.concat([Buffer.of(8, 8), Buffer.from('ca0100'.repeat(100_000), 'hex')]), /more than 10000 functions/],
  'two million attributes': [Buffer.concat([Buffer.of(8, 8), field(7, field(1, Buffer.alloc(4_000_000, Buffer.of(0x2a, 0))))]), /more than 1000000 attributes/],
  'a node of three million values': [Buffer.concat([Buffer.of(8, 8), field(7, field(1, Buffer.alloc(6_000_000, Buffer.of(0x0a, 0))))]), /more than 2000000 names of values/],
  'a name of 100 kB': [model({ node: [{ ...relu, name: 'x'.repeat(100_000) }] }), /text of 100000 bytes, over the limit of 65536/],
  'metadata of 5 MB': [model({}, { metadataProps: [{ key: 'a', value: 'x'.repeat(5_000_000) }] }), /text of 5000000 bytes, over the limit/],
  'a tensor of 2⁶² elements': [model({ initializer: [{ name: 'W', dataType: 1, dims: [2 ** 31, 2 ** 31] }] }), /'W' has the impossible shape \[2147483648,2147483648\]/],
  'a tensor of -1 elements': [model({ initializer: [{ name: 'W', dataType: 1, dims: [-1] }] }), /impossible shape \[-1\]/],
  'a tensor with too few bytes': [model({ initializer: [{ name: 'W', dataType: 1, dims: [3], rawData: new Uint8Array(8) }] }), /'W' takes 12 bytes and has 8/],
  'custom operator': [model({ node: [{ ...relu, opType: 'Evil', domain: 'acme' }] }), /needs the custom operator 'Evil' of the domain 'acme', which ONNX Runtime does not have; export the model with standard operators alone$/],
  'custom operators with line breaks': [model({ node: ['A\nB', 'C', 'D', 'E'].map(opType => ({ ...relu, opType, domain: 'a\u001b[2J' })) }), /custom operator 'A B', 'C', 'D', … of the domain 'a \[2J'/],
  'custom operator in a branch': [model({ node: [{ opType: 'If', attribute: [{ name: 'then_branch', type: AttributeType.GRAPH, g: { node: [{ opType: 'Evil', domain: 'acme' }] } }] }] }), /'Evil' of the domain 'acme'/],
  'custom operator in a function': [model({}, { functions: [{ name: 'F', domain: 'local', node: [{ opType: 'Evil', domain: 'acme' }] }] }), /'Evil' of the domain 'acme'/],
  'external data outside': [model({ initializer: [external({ location: '../../etc/passwd' })] }), /'\.\.\/\.\.\/etc\/passwd', which may be outside its folder/],
  'external data, absolute': [model({ initializer: [external({ location: '/etc/passwd' })] }), /which may be outside its folder/],
  'external data missing': [model({ initializer: [external({ location: 'w.data' })] }), /needs 'w\.data' for its weights, and there is no such file.*copy it/],
  'external data too short': [model({ initializer: [external({ location: 'short.data' })] }), /needs 16 bytes of 'short\.data'.*the file has 3/],
  'external data at a negative byte': [model({ initializer: [external({ location: 'short.data', offset: '-16' })] }), /no number of bytes/],
  'external data of a constant': [model({ node: [{ opType: 'Constant', output: ['c'], attribute: [{ name: 'value', type: AttributeType.TENSOR, t: external({ location: '/dev/zero' }) }] }] }), /'\/dev\/zero', which may be outside/],
  'external data in a branch': [model({ node: [{ opType: 'If', attribute: [{ name: 'g', type: AttributeType.GRAPH, g: { initializer: [external({ location: '../w' })] } }] }] }), /'\.\.\/w', which may be outside/],
  'external data in a function': [model({}, { functions: [{ name: 'F', domain: 'local', node: [{ opType: 'Constant', attribute: [{ name: 'v', t: external({ location: '../w' }) }] }] }] }), /'\.\.\/w', which may be outside/],
  'external data without a place': [model({ initializer: [external({})] }), /does not say in which file/]
}

t.test('a hostile or broken file gets one line with file, cause and remedy', async t => {
  for (const [name, [content, line]] of Object.entries(HOSTILE)) {
    await t.test(name, async t => {
      const path = join(folderOf(t, { 'model.onnx': content, 'short.data': '123' }), 'model.onnx')
      const message = await lineOf(t, 'SRV_MODEL_INVALID', readGraph(path))
      t.ok(message.startsWith(`${path}: `), message.slice(0, 200))
      t.match(message, line)
      t.match(message, /; \w/, 'a remedy')
      t.ok(message.length < path.length + 400, 'short')
    })
  }
})

t.test('what is no file gets one line too', async t => {
  const folder = folderOf(t, { 'model.onnx': iris })
  symlinkSync('/dev/zero', join(folder, 'zero.onnx'))
  symlinkSync('loop.onnx', join(folder, 'loop.onnx'))
  mkdirSync(join(folder, 'folder.onnx'))
  execFileSync('mkfifo', [join(folder, 'pipe.onnx')])
  writeFileSync(join(folder, 'huge.onnx'), '')
  truncateSync(join(folder, 'huge.onnx'), 3 * 2 ** 30)
  t.match(await lineOf(t, 'SRV_MODEL_INVALID', readGraph(folder)), /is a folder, not an ONNX file; give the \.onnx file in it$/)
  t.match(await lineOf(t, 'SRV_MODEL_INVALID', readGraph(join(folder, 'folder.onnx'))), /is a folder/)
  t.match(await lineOf(t, 'SRV_MODEL_INVALID', readGraph(join(folder, 'zero.onnx'))), /is a device or pipe, not a file; give an \.onnx file$/)
  t.match(await lineOf(t, 'SRV_MODEL_INVALID', readGraph(join(folder, 'pipe.onnx'))), /is a device or pipe/)
  t.match(await lineOf(t, 'SRV_MODEL_INVALID', readGraph(join(folder, 'loop.onnx'))), /cannot be read \(ELOOP\)/)
  t.match(await lineOf(t, 'SRV_MODEL_INVALID', readGraph(join(folder, 'huge.onnx'))), /has 3221225472 bytes, over the limit of 2147483647.*save_as_external_data/)
  t.match(await lineOf(t, 'SRV_MODEL_MISSING', readGraph(join(folder, 'none.onnx'))), /^There is no .*none\.onnx; give the path/)
  t.match(await lineOf(t, 'SRV_MODEL_MISSING', readGraph(join(folder, 'model.onnx', 'x'))), /^There is no /)
})

t.test('damaged models are read or refused, and never end in another error', async t => {
  const folder = folderOf(t, {})
  const zipped = modelOf({ input: [x], output: [listOfMaps('y')], node: [{ opType: 'ZipMap', domain: 'ai.onnx.ml', input: ['x'], output: ['y'], attribute: [{ name: 'classlabels_int64s', type: AttributeType.INTS, ints: [1, 2] }] }], initializer: [external({ location: 'w' })] })
  const outcomes = { read: 0, refused: 0 }
  await fc.assert(fc.asyncProperty(fc.constantFrom(iris, zipped, food.subarray(0, 20_000), food), fc.array(anyMutation, { minLength: 1, maxLength: 4 }), async (file, mutations) => {
    const path = join(folder, 'model.onnx')
    writeFileSync(path, mutated(file, mutations))
    try {
      const graph = await readGraph(path)
      for (const name of graph.nodes.flatMap(({ inputs }) => inputs)) graph.initializer(name)
      outcomes.read++
    } catch (error) {
      if (!(error instanceof Error) || !('code' in error) || error.code !== 'SRV_MODEL_INVALID' || /[\n\r]/.test(error.message)) throw error
      outcomes.refused++
    }
  }), { seed: 14, numRuns: 500 })
  t.ok(outcomes.read > 20 && outcomes.refused > 200, JSON.stringify(outcomes))
})
