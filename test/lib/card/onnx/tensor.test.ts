import onnxProto, { type onnx } from 'onnx-proto'
import t from 'tap'
import { Bounds } from '../../../../lib/card/onnx/bounds.ts'
import { dtypeOf, float16, printable, quoted, readEntry, readHead, readTensor, sizeOf } from '../../../../lib/card/onnx/tensor.ts'

const { onnx: { StringStringEntryProto, TensorProto } } = onnxProto

const bytesOf = (tensor: onnx.ITensorProto) => Buffer.from(TensorProto.encode(TensorProto.create(tensor)).finish())
const read = (tensor: onnx.ITensorProto) => readTensor(bytesOf(tensor), new Bounds())
const raw = (...bytes: number[]) => Uint8Array.from(bytes)

t.test('numbers are read from raw data, little-endian', async t => {
  const cases: Array<[type: number, bytes: Uint8Array, dtype: string | null, values: number[]]> = [
    // By Python's struct.pack('<f', 0.5), and so on.
    [1, raw(0, 0, 0, 0x3f, 0, 0, 0x80, 0xbf), 'float32', [0.5, -1]],
    [2, raw(0, 255), 'uint8', [0, 255]],
    [3, raw(0x80, 0x7f), 'int8', [-128, 127]],
    [4, raw(0xff, 0xff, 1, 0), 'uint16', [65535, 1]],
    [5, raw(0xff, 0xff, 1, 0), 'int16', [-1, 1]],
    [6, raw(0xfe, 0xff, 0xff, 0xff, 1, 0, 0, 0), 'int32', [-2, 1]],
    [7, raw(0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 5, 0, 0, 0, 0, 0, 0, 0), 'int64', [-1, 5]],
    [9, raw(0, 1), 'bool', [0, 1]],
    [10, raw(0, 0x3c, 0xff, 0xfb), 'float16', [1, -65504]],
    [11, raw(0x9a, 0x99, 0x99, 0x99, 0x99, 0x99, 0xb9, 0x3f, 0, 0, 0, 0, 0, 0, 0, 0), 'float64', [0.1, 0]],
    [12, raw(0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0), 'uint32', [4294967295, 0]],
    [13, raw(1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0), 'uint64', [1, 0]],
    // bfloat16 is the upper half of a float32.
    [16, raw(0x80, 0x3f, 0x00, 0xc0), null, [1, -2]]
  ]
  for (const [dataType, rawData, dtype, values] of cases) t.same(read({ dataType, dims: [2], rawData }), { dtype, shape: [2], values }, `type ${dataType}`)
})

t.test('numbers and texts are read from the field of their type', async t => {
  // https://onnx.ai/onnx/repo-docs/IR.html: int32_data holds the small types, and the bits of the 16-bit floats.
  t.same(read({ dataType: 1, dims: [2], floatData: [0.5, -1] }).values, [0.5, -1])
  t.same(read({ dataType: 3, dims: [2], int32Data: [-1, 5] }).values, [-1, 5])
  t.same(read({ dataType: 10, dims: [1], int32Data: [0x3c00] }).values, [1])
  t.same(read({ dataType: 16, dims: [1], int32Data: [0x3f80] }).values, [1])
  t.same(read({ dataType: 7, dims: [1, 2], int64Data: [-3, 2] }), { dtype: 'int64', shape: [1, 2], values: [-3, 2] })
  t.same(read({ dataType: 11, dims: [], doubleData: [0.1] }), { dtype: 'float64', shape: [], values: [0.1] })
  t.same(read({ dataType: 13, dims: [1], uint64Data: [9] }).values, [9])
  t.same(read({ dataType: 8, dims: [2], stringData: [Buffer.from('é'), Buffer.from('')] }), { dtype: 'string', shape: [2], values: ['é', ''] })
})

t.test('what is too large, elsewhere, or of a type without numbers has no values', async t => {
  t.same(read({ dataType: 1, dims: [65536], rawData: new Uint8Array(65536 * 4) }).values?.length, 65536)
  t.same(read({ dataType: 1, dims: [65537], rawData: new Uint8Array(65537 * 4) }), { dtype: 'float32', shape: [65537], values: null })
  t.same(read({ dataType: 1, dims: [2], floatData: [1] }).values, null, 'fewer than its shape says')
  t.same(read({ dataType: 8, dims: [2], stringData: [Buffer.from('a')] }).values, null)
  t.same(read({ dataType: 17, dims: [1], rawData: raw(1) }), { dtype: null, shape: [1], values: null })
  t.same(read({ dataType: 1, dims: [1], dataLocation: 1, externalData: [{ key: 'location', value: 'w' }] }).values, null)
  t.same(read({ dataType: 1, dims: [0] }), { dtype: 'float32', shape: [0], values: [] })
})

t.test('a tensor says where its data lie only if they lie elsewhere', async t => {
  const externalData = [{ key: 'location', value: 'w' }, { key: 'offset', value: '8' }]
  t.same(readHead(bytesOf({ name: 'W', dataType: 1, dims: [3, 2], dataLocation: 1, externalData })), {
    name: 'W', type: 1, shape: [3, 2], count: 6, external: new Map([['location', 'w'], ['offset', '8']])
  })
  t.equal(readHead(bytesOf({ dataType: 1, dims: [1], externalData, floatData: [1] })).external, null)
})

t.test('impossible tensors are refused', async t => {
  const cases: Array<[tensor: onnx.ITensorProto, line: RegExp]> = [
    [{ name: 'W', dataType: 1, dims: [-1] }, /'W' has the impossible shape \[-1\]; export it again/],
    [{ dataType: 1, dims: [2 ** 30, 2 ** 30] }, /impossible shape \[1073741824,1073741824\]/],
    [{ dataType: 1, dims: new Array(65).fill(1) }, /impossible shape \[1,1,1,1,1,1,1,1,…\]/],
    [{ name: 'W', dataType: 1, dims: [2], rawData: raw(1, 2, 3) }, /'W' takes 8 bytes and has 3; download/],
    [{ dataType: 7, dims: [1], rawData: raw(...new Array<number>(9).fill(0)) }, /takes 8 bytes and has 9/],
    [{ name: 'W', dataType: 1, dims: [1], dataLocation: 1, externalData: [{ key: 'location', value: 'a' }, { key: 'location', value: 'b' }] }, /says twice where the data of the tensor 'W'/]
  ]
  for (const [tensor, line] of cases) {
    t.throws(() => readHead(bytesOf(tensor)), { message: line })
    t.throws(() => readTensor(bytesOf(tensor), new Bounds()), { name: 'OnnxFault' })
  }
})

t.test('every float16 has its number', async t => {
  // https://en.wikipedia.org/wiki/Half-precision_floating-point_format
  const examples: Array<[bits: number, number: number]> = [
    [0x0000, 0], [0x8000, -0], [0x0001, 0.000000059604645], [0x03ff, 0.000060975552], [0x0400, 0.00006103515625], [0x3555, 0.33325195],
    [0x3bff, 0.99951172], [0x3c00, 1], [0x3c01, 1.00097656], [0x7bff, 65504], [0x7c00, Infinity], [0xfc00, -Infinity], [0xc000, -2]
  ]
  for (const [bits, number] of examples) t.ok(Object.is(float16(bits), number) || Math.abs(float16(bits) - number) <= Math.abs(number) * 1e-7, `${bits}`)
  t.ok(Number.isNaN(float16(0x7e00)))
})

t.test('types have the names and sizes of the specification', async t => {
  // https://github.com/onnx/onnx/blob/main/onnx/onnx.proto3
  t.same([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 16, 99].map(dtypeOf), [
    'float32', 'uint8', 'int8', 'uint16', 'int16', 'int32', 'int64', 'string', 'bool', 'float16', 'float64', 'uint32', 'uint64', null, null, null
  ])
  t.same([1, 7, 10, 15, 21, 25, 8, 99].map(type => sizeOf({ type, count: 3 })), [12, 24, 6, 48, 2, 1, null, null])
})

t.test('entries are read, and names made fit for one line', async t => {
  t.same(readEntry(Buffer.from(StringStringEntryProto.encode({ key: 'a', value: 'b' }).finish())), ['a', 'b'])
  t.equal(quoted('a\nb\u001b[31m\u202e\u2028'), "'a b [31m  '")
  t.equal(printable('x'.repeat(5), 3), 'xxx…')
})
