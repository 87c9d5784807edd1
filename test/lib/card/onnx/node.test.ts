import onnxProto, { type onnx } from 'onnx-proto'
import t from 'tap'
import { Bounds } from '../../../../lib/card/onnx/bounds.ts'
import { domainOf, readBody, readFunction, type Notes } from '../../../../lib/card/onnx/node.ts'
import { declared } from '../../../fixtures/graph.ts'

const { onnx: { AttributeProto, FunctionProto, GraphProto, TensorProto } } = onnxProto
const { AttributeType } = AttributeProto

const newNotes = (): Notes => ({ bounds: new Bounds(), external: [], foreign: new Map() })
const bodyOf = (graph: onnx.IGraphProto, notes = newNotes(), depth = 0) => readBody(Buffer.from(GraphProto.encode(GraphProto.create(graph)).finish()), notes, depth)

/** The attributes of a node as they are read. */
function attributesOf (...attribute: onnx.IAttributeProto[]) {
  return bodyOf({ node: [{ opType: 'X', attribute }] }).nodes[0]?.attributes
}

const elsewhere = (name: string): onnx.ITensorProto => ({ name, dataType: 1, dims: [1], dataLocation: 1, externalData: [{ key: 'location', value: 'w' }] })

t.test('a node has its operator, its values and its attributes', async t => {
  const { nodes } = bodyOf({ node: [{ opType: 'Gemm', domain: 'ai.onnx', name: 'n', input: ['x', '', 'b'], output: ['y'], attribute: [{ name: 'alpha', type: AttributeType.FLOAT, f: 0.5 }] }] })
  t.same(nodes, [{ opType: 'Gemm', domain: '', name: 'n', inputs: ['x', '', 'b'], outputs: ['y'], attributes: { alpha: { float: 0.5 } } }])
  t.same(['', 'ai.onnx', 'ai.onnx.ml'].map(domainOf), ['', '', 'ai.onnx.ml'])
})

t.test('an attribute has the field of its type, and no other', async t => {
  const cases: Array<[attribute: onnx.IAttributeProto, value: unknown]> = [
    [{ type: AttributeType.INT, i: -3 }, { int: -3 }],
    [{ type: AttributeType.INT, i: 0, f: 0, ints: [] }, { int: 0 }],
    [{ type: AttributeType.STRING, s: Buffer.from('SOFTMAX') }, { string: 'SOFTMAX' }],
    [{ type: AttributeType.INTS, ints: [1, -1] }, { ints: [1, -1] }],
    [{ type: AttributeType.INTS, ints: [] }, { ints: [] }],
    [{ type: AttributeType.FLOATS, floats: [0.5] }, { floats: [0.5] }],
    [{ type: AttributeType.STRINGS, strings: [Buffer.from('a'), Buffer.from('é')] }, { strings: ['a', 'é'] }],
    [{ type: AttributeType.TENSOR, t: { dataType: 7, dims: [1], int64Data: [4] } }, { tensor: { dtype: 'int64', shape: [1], values: [4] } }],
    [{ type: AttributeType.GRAPH, g: { node: [{ opType: 'Add' }] } }, {}],
    [{ ints: [2] }, { ints: [2] }],
    [{ type: AttributeType.STRING, s: Buffer.alloc(100_000) }, {}],
    [{ type: AttributeType.INTS, ints: new Array(65_537).fill(1) }, {}]
  ]
  for (const [attribute, value] of cases) t.same(attributesOf({ name: 'a', ...attribute }), { a: value }, JSON.stringify(value))
  t.equal(Object.hasOwn(attributesOf({ name: '__proto__', type: AttributeType.INT, i: 1 }) ?? {}, '__proto__'), true)
})

t.test('inputs, outputs and initializers are read, and the weights counted', async t => {
  const body = bodyOf({
    input: [declared('x', 1, ['N', 2]), declared('W', 1, [2])],
    output: [declared('y', 1, ['N'])],
    initializer: [{ name: 'W', dataType: 1, dims: [2], floatData: [1, 2] }, { name: 'large', dataType: 1, dims: [65_537], rawData: new Uint8Array(65_537 * 4) }],
    sparseInitializer: [{ values: { name: 'S', dataType: 1, dims: [3], floatData: [1, 2, 3] }, indices: { dataType: 7, dims: [3], int64Data: [0, 1, 2] }, dims: [9] }]
  })
  t.same([body.inputs.map(({ name }) => name), body.outputs.map(({ name }) => name)], [['x', 'W'], ['y']])
  t.equal(body.parameters, 2 + 65_537 + 3)
  t.ok(Buffer.isBuffer(body.initializers.get('W')))
  t.same(body.initializers.get('large'), { dtype: 'float32', shape: [65_537], values: null })
  t.same(body.initializers.get('S'), { dtype: 'float32', shape: [3], values: null })
})

t.test('data in other files are noted wherever they are', async t => {
  const notes = newNotes()
  bodyOf({
    initializer: [elsewhere('a')],
    sparseInitializer: [{ values: elsewhere('b'), indices: elsewhere('c') }],
    node: [{
      opType: 'If',
      attribute: [
        { name: 't', type: AttributeType.TENSOR, t: elsewhere('d') },
        { name: 'ts', type: AttributeType.TENSORS, tensors: [elsewhere('e')] },
        { name: 'g', type: AttributeType.GRAPH, g: { initializer: [elsewhere('f')], node: [{ opType: 'Constant', attribute: [{ name: 'v', t: elsewhere('g') }] }] } },
        { name: 'gs', type: AttributeType.GRAPHS, graphs: [{ initializer: [elsewhere('h')] }] },
        { name: 's', type: AttributeType.SPARSE_TENSOR, sparseTensor: { values: elsewhere('i') } },
        { name: 'ss', type: AttributeType.SPARSE_TENSORS, sparseTensors: [{ indices: elsewhere('j') }] }
      ]
    }]
  }, notes)
  t.same(notes.external.map(({ name }) => name).sort(), [...'abcdefghij'])
})

t.test('operators of foreign domains are noted, in subgraphs and functions too', async t => {
  const notes = newNotes()
  bodyOf({
    node: [
      { opType: 'Relu' }, { opType: 'ZipMap', domain: 'ai.onnx.ml' }, { opType: 'FusedConv', domain: 'com.microsoft' }, { opType: 'Mine', domain: 'acme' },
      { opType: 'If', attribute: [{ name: 'then_branch', type: AttributeType.GRAPH, g: { node: [{ opType: 'Yours', domain: 'acme' }] } }] }
    ]
  }, notes)
  const bytes = FunctionProto.encode(FunctionProto.create({ name: 'F', domain: 'local', node: [{ opType: 'Theirs', domain: 'other' }] })).finish()
  t.same(readFunction(Buffer.from(bytes), notes), { domain: 'local', name: 'F' })
  t.same([...notes.foreign].map(([domain, names]) => [domain, [...names]]), [['acme', ['Mine', 'Yours']], ['other', ['Theirs']]])
})

t.test('subgraphs are followed 32 deep, and refused beyond', async t => {
  let graph: onnx.IGraphProto = {}
  for (let depth = 0; depth < 32; depth++) graph = { node: [{ opType: 'If', attribute: [{ name: 'g', type: AttributeType.GRAPH, g: graph }] }] }
  t.doesNotThrow(() => bodyOf(graph))
  t.throws(() => bodyOf(graph, newNotes(), 1), /nests subgraphs more than 32 deep/)
})

t.test('a tensor that stands twice where one may is refused: two readers could take different ones', async t => {
  const tensor = TensorProto.encode(TensorProto.create({ dataType: 1, dims: [1], floatData: [1] })).finish()
  const attribute = Buffer.concat([AttributeProto.encode(AttributeProto.create({ name: 'v' })).finish(), ...[1, 2].flatMap(() => [Buffer.of(0x2a, tensor.length), tensor])])
  const node = Buffer.concat([Buffer.of(0x2a, attribute.length), attribute])
  t.throws(() => readBody(Buffer.concat([Buffer.of(0x0a, node.length), node]), newNotes(), 0), /field 5 twice/)
})
