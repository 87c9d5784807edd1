import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import onnxProto, { type onnx } from 'onnx-proto'
import { InferenceSession, Tensor } from 'onnxruntime-node'
import t, { type Test } from 'tap'
import { readOnnxFile } from '../../../lib/engine/onnx-file.ts'
import { exportedFolder } from '../../fixtures/exported.ts'
import { projectFile } from '../../../lib/project.ts'
import { declared, folderOf, lineOf, listOfMaps, modelOf } from '../../fixtures/graph.ts'

const { onnx: { AttributeProto, ModelProto, TensorProto } } = onnxProto
const { AttributeType } = AttributeProto

/** The changed model; fails if the file is left as it is. */
async function changed (path: string): Promise<Uint8Array> {
  const bytes = await readOnnxFile(path)
  if (typeof bytes === 'string') throw new Error('the model was left as it is')
  return bytes
}

async function changedModel (t: Test, model: Uint8Array): Promise<Uint8Array> {
  return await changed(join(folderOf(t, { 'model.onnx': model }), 'model.onnx'))
}

/** What the outputs are for x = [[1, 2], [3, 4]]. */
async function outputsOf (model: Uint8Array, options: InferenceSession.SessionOptions = {}): Promise<Record<string, { dims: readonly number[], data: unknown }>> {
  const session = await InferenceSession.create(model, { logSeverityLevel: 3, ...options })
  const outputs = await session.run({ x: new Tensor('float32', [1, 2, 3, 4], [2, 2]) })
  return Object.fromEntries(Object.entries(outputs).map(([name, { dims, data }]) => [name, { dims, data }]))
}

const x = declared('x', 1, ['N', 2])
const zipMap = (input: string, output: string, classes: Array<number | string> = [-1, 7]): onnx.INodeProto => ({
  opType: 'ZipMap',
  domain: 'ai.onnx.ml',
  input: [input],
  output: [output],
  attribute: [typeof classes[0] === 'string'
    ? { name: 'classlabels_strings', type: AttributeType.STRINGS, strings: classes.map(text => Buffer.from(String(text))) }
    : { name: 'classlabels_int64s', type: AttributeType.INTS, ints: classes.map(Number) }]
})
const same = { dims: [2, 2], data: Float32Array.of(1, 2, 3, 4) }

t.test("scikit-learn's ZipMap becomes a tensor of probabilities", async t => {
  const session = await InferenceSession.create(await changed(projectFile('models/iris/model.onnx')))
  const { output_probability: output } = await session.run({ X: new Tensor('float32', [5.9, 3, 5.1, 1.8, 5, 3, 1.2, 0.2], [2, 4]) }, ['output_probability'])
  t.same(output?.dims, [2, 3])
  const [a = 0, b = 0, c = 0] = output?.data as Float32Array
  t.ok(Math.abs(a + b + c - 1) < 1e-6)
  t.ok(c > b && b > a)
})

t.test('a ZipMap is replaced wherever it is, and its output keeps its name and gets the number of its classes', async t => {
  const cases: Record<string, [nodes: onnx.INodeProto[], names: string[]]> = {
    'with integers': [[zipMap('x', 'p')], ['p']],
    'with texts': [[zipMap('x', 'p', ['no', 'yes'])], ['p']],
    'before other nodes': [[zipMap('x', 'p'), { opType: 'Neg', input: ['x'], output: ['n'] }, { opType: 'Neg', input: ['n'], output: ['q'] }], ['p']],
    'behind an Identity': [[zipMap('x', 'z'), { opType: 'Identity', input: ['z'], output: ['p'] }], ['p']],
    'behind two Identities, both also outputs': [[zipMap('x', 'z'), { opType: 'Identity', input: ['z'], output: ['p'] }, { opType: 'Identity', input: ['p'], output: ['q'] }], ['p', 'q']],
    several: [[zipMap('x', 'p'), zipMap('x', 'q', ['a', 'b'])], ['p', 'q']],
    'of doubles, which Python cannot load': [[{ opType: 'Cast', input: ['x'], output: ['d'], attribute: [{ name: 'to', type: AttributeType.INT, i: 11 }] }, zipMap('d', 'p')], ['p']]
  }
  for (const [name, [node, names]] of Object.entries(cases)) {
    await t.test(name, async t => {
      const model = await changedModel(t, modelOf({ input: [x], output: names.map(listOfMaps), node, valueInfo: [listOfMaps('z')] }))
      t.match(await outputsOf(model), Object.fromEntries(names.map(name => [name, same])))
      const { outputMetadata } = await InferenceSession.create(model)
      t.match(outputMetadata, names.map(name => ({ name, isTensor: true, type: 'float32', shape: ['batch', 2] })))
    })
  }
})

t.test('a model that imports ai.onnx.ml alone, as CatBoost writes it, runs', async t => {
  const model = await changedModel(t, modelOf({ input: [x], output: [listOfMaps('probabilities')], node: [zipMap('x', 'probabilities')] }, { irVersion: 3, opsetImport: [{ domain: 'ai.onnx.ml', version: 2 }] }))
  t.match(await outputsOf(model), { probabilities: same })
})

t.test('weights in another file stay there', async t => {
  const W: onnx.ITensorProto = { name: 'W', dataType: 1, dims: [2, 2], dataLocation: TensorProto.DataLocation.EXTERNAL, externalData: [{ key: 'location', value: 'w.data' }] }
  const folder = folderOf(t, {
    'model.onnx': modelOf({ input: [x], output: [listOfMaps('p')], initializer: [W], node: [{ opType: 'MatMul', input: ['x', 'W'], output: ['y'] }, zipMap('y', 'p')] }),
    'w.data': new Uint8Array(Float32Array.of(0, 1, 1, 0).buffer)
  })
  const outputs = await outputsOf(await changed(join(folder, 'model.onnx')), { extra: { session: { model_external_initializers_file_folder_path: folder } } })
  t.match(outputs, { p: { dims: [2, 2], data: Float32Array.of(2, 1, 4, 3) } })
})

t.test('all else is copied byte by byte, what this version of ONNX does not know included', async t => {
  const unknown = Buffer.from('fa3f0548656c6c6f', 'hex')
  const bytes = Buffer.concat([readFileSync(projectFile('models/iris/model.onnx')), unknown])
  const model = Buffer.from(await changedModel(t, bytes))
  t.ok(model.includes(unknown))
  const [before, after] = [ModelProto.decode(bytes), ModelProto.decode(model)]
  t.same(after.graph?.node?.slice(0, 3), before.graph?.node?.slice(0, 3))
  t.same([after.opsetImport, after.graph?.input, after.graph?.output?.[0], after.producerName], [before.opsetImport, before.graph?.input, before.graph?.output?.[0], before.producerName])
  t.match(after.graph?.node?.[3], { opType: 'Cast', domain: '', name: before.graph?.node?.[3]?.name, input: ['probabilities'], output: ['output_probability'], attribute: [{ name: 'to', i: { low: 1 }, type: AttributeType.INT }] })
})

t.test('a model without one is loaded from its file, untouched', async t => {
  const path = projectFile('models/tensorfood/model.onnx')
  t.equal(await readOnnxFile(path), path)
  const named = join(folderOf(t, { 'model.onnx': modelOf({ input: [x], output: [declared('ZipMap', 1, ['N', 2])], node: [{ opType: 'Relu', name: 'ZipMap', input: ['x'], output: ['ZipMap'] }] }) }), 'model.onnx')
  t.equal(await readOnnxFile(named), named, 'also if something else is called so')
})

t.test('a ZipMap is found wherever the file is cut into pieces to search it', async t => {
  const bytes = Buffer.from(modelOf({ input: [x], output: [listOfMaps('p')], node: [zipMap('x', 'p')] }))
  for (const cut of [1, 3, 5]) {
    // A field of a number that ONNX does not know, with a length of three bytes, moves the name across the end of a piece.
    const length = 2 ** 20 - cut - bytes.indexOf('ZipMap') - 5
    const padding = Buffer.concat([Buffer.from([0xfa, 0x3f, length & 127 | 128, length >> 7 & 127 | 128, length >> 14]), Buffer.alloc(length)])
    const padded = Buffer.concat([padding, bytes])
    t.equal(padded.indexOf('ZipMap'), 2 ** 20 - cut)
    t.notOk(Buffer.from(await changedModel(t, padded)).includes('ZipMap'))
  }
})

t.test('a damaged model, and a file of another format, is refused with one line', async t => {
  const folder = folderOf(t, { 'cut.onnx': readFileSync(projectFile('models/iris/model.onnx')).subarray(0, -5), 'page.onnx': '<!doctype html><p>ZipMap' })
  t.match(await lineOf(t, 'SRV_MODEL_INVALID', readOnnxFile(join(folder, 'cut.onnx'))), /cut\.onnx: is no ONNX file, or is cut off or damaged/)
  t.match(await lineOf(t, 'SRV_MODEL_INVALID', readOnnxFile(join(folder, 'page.onnx'))), /page\.onnx: is an HTML page/)
})

t.test('a value inside the graph becomes an output, and ONNX Runtime knows its type', async t => {
  const folder = exportedFolder(t, {
    outputs: [['y', 'float32', ['N', 3]]],
    nodes: [['MatMul', ['X', 'w'], ['inside']], ['Relu', ['inside'], ['y']]],
    constants: { w: { shape: [2, 3] } }
  })
  const bytes = await readOnnxFile(join(folder, 'model.onnx'), ['inside'])
  if (typeof bytes === 'string') throw new Error('the model was left as it is')
  const session = await InferenceSession.create(bytes)
  t.same(session.outputNames, ['y', 'inside'])
  t.match(session.outputMetadata[1], { isTensor: true, type: 'float32' })
  const { y, inside } = await session.run({ X: new Tensor('float32', [-1, -1, 2, 2], [2, 2]) })
  // Each weight is 0.5.
  t.same([...inside?.data as Float32Array], [-1, -1, -1, 2, 2, 2])
  t.same([...y?.data as Float32Array], [0, 0, 0, 2, 2, 2])
})

const words = declared('words', 8, ['N'])
const normalizer = (more: onnx.IAttributeProto[] = []): onnx.INodeProto => ({
  opType: 'StringNormalizer', input: ['words'], output: ['small'], attribute: [{ name: 'case_change_action', type: AttributeType.STRING, s: Buffer.from('LOWER') }, ...more]
})
const locale = (name: string): onnx.IAttributeProto => ({ name: 'locale', type: AttributeType.STRING, s: Buffer.from(name) })

/** What the model makes of two words. */
async function smallOf (model: string | Uint8Array): Promise<unknown> {
  const options = { logSeverityLevel: 4 } as const
  const session = typeof model === 'string' ? await InferenceSession.create(model, options) : await InferenceSession.create(model, options)
  return (await session.run({ words: new Tensor('string', ['The ÄPFEL', 'x'], [2]) }))['small']?.data
}

t.test('a StringNormalizer without a locale gets one that every Linux has', { skip: process.platform !== 'linux' }, async t => {
  const model = modelOf({ input: [words], output: [declared('small', 8, ['N'])], node: [normalizer()] })
  t.same(await smallOf(await changedModel(t, model)), ['the äpfel', 'x'])
  const whole = join(folderOf(t, { 'model.onnx': modelOf({ input: [words], output: [declared('small', 8, ['N'])], node: [normalizer([locale('C.UTF-8')])] }) }), 'model.onnx')
  t.equal(await readOnnxFile(whole), whole, 'one with a locale stays')
})

t.test('so does one in a branch, beside a ZipMap', { skip: process.platform !== 'linux' }, async t => {
  const branch = { name: 'branch', output: [declared('small', 8, ['N'])], node: [normalizer()] }
  const model = modelOf({
    input: [words, declared('is', 9, []), x],
    output: [declared('result', 8, ['N']), listOfMaps('p')],
    node: [
      { opType: 'If', input: ['is'], output: ['result'], attribute: [{ name: 'then_branch', type: AttributeType.GRAPH, g: branch }, { name: 'else_branch', type: AttributeType.GRAPH, g: branch }] },
      zipMap('x', 'p')
    ]
  })
  const session = await InferenceSession.create(await changedModel(t, model), { logSeverityLevel: 4 })
  const { result, p } = await session.run({ words: new Tensor('string', ['A'], [1]), is: new Tensor('bool', [true], []), x: new Tensor('float32', [1, 2], [1, 2]) })
  t.same(result?.data, ['a'])
  t.same(p?.data, Float32Array.of(1, 2))
})
