import onnxProto from 'onnx-proto'
import t from 'tap'
import { Bounds } from '../../../../lib/card/onnx/bounds.ts'
import { readValue } from '../../../../lib/card/onnx/value.ts'
import { declared, listOfMaps } from '../../../fixtures/graph.ts'

const { onnx: { TypeProto, ValueInfoProto } } = onnxProto

const read = (value: ReturnType<typeof declared>) => readValue(Buffer.from(ValueInfoProto.encode(ValueInfoProto.create(value)).finish()), new Bounds())

t.test('a tensor has its axes: fixed, named or unknown', async t => {
  t.same(read(declared('x', 1, ['N', 3, '', -1, 0])), { name: 'x', type: 'tensor', dtype: 'float32', shape: ['N', 3, null, null, 0], denotation: '' })
  t.same(read({ name: 's', type: TypeProto.create({ tensorType: { elemType: 8 } }) }), { name: 's', type: 'tensor', dtype: 'string', shape: null, denotation: '' })
  t.same(read(declared('c', 14, [])), { name: 'c', type: 'tensor', dtype: null, shape: [], denotation: '' }, 'a type that the binding lacks')
})

t.test('other values have their kind alone', async t => {
  t.same(read(listOfMaps('m')), { name: 'm', type: 'sequence', dtype: null, shape: null, denotation: '' })
  t.equal(read({ name: 'm', type: TypeProto.create({ mapType: { keyType: 7 } }) }).type, 'map')
  t.equal(read({ name: 'o', type: TypeProto.create({ optionalType: {} }) }).type, 'optional')
  t.equal(read({ name: 'o', type: TypeProto.create({ sparseTensorType: { elemType: 1 } }) }).type, 'unknown')
  t.same(read({ name: 'u' }), { name: 'u', type: 'unknown', dtype: null, shape: null, denotation: '' })
})

t.test('the denotation is read', async t => {
  t.equal(read({ name: 'x', type: TypeProto.create({ denotation: 'IMAGE', tensorType: { elemType: 1 } }) }).denotation, 'IMAGE')
})

t.test('a tensor of too many axes is refused', async t => {
  t.throws(() => read(declared('x', 1, new Array<number>(65).fill(1))), /more than 64 axes/)
})
