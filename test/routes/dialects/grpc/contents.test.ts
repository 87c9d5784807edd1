import t from 'tap'
import type { DType, Tensor } from '../../../../lib/tensor.ts'
import { contentsOf, countContents, hasContents } from '../../../../routes/dialects/grpc/contents.ts'
import { turnsOf } from '../../../turns.ts'
import { decode, encode } from './client.ts'

const PLACE = "input 'X'"

const bytesFrom = (data: ArrayBufferView) => Buffer.from(data.buffer, data.byteOffset, data.byteLength)

/** What each data type's greatest, least and other values are as contents, and as bytes. */
const CASES: Array<{ dtype: DType, contents: object, bytes: Buffer }> = [
  { dtype: 'bool', contents: { bool_contents: [true, false, true] }, bytes: Buffer.from([1, 0, 1]) },
  { dtype: 'int8', contents: { int_contents: [-128, 127, -1] }, bytes: bytesFrom(Int8Array.of(-128, 127, -1)) },
  { dtype: 'int16', contents: { int_contents: [-32768, 32767, -1] }, bytes: bytesFrom(Int16Array.of(-32768, 32767, -1)) },
  { dtype: 'int32', contents: { int_contents: [-2147483648, 2147483647, -1] }, bytes: bytesFrom(Int32Array.of(-2147483648, 2147483647, -1)) },
  { dtype: 'int64', contents: { int64_contents: ['-9223372036854775808', '9223372036854775807', '9007199254740993'] }, bytes: bytesFrom(BigInt64Array.of(-9223372036854775808n, 9223372036854775807n, 9007199254740993n)) },
  { dtype: 'uint8', contents: { uint_contents: [0, 255, 7] }, bytes: Buffer.from([0, 255, 7]) },
  { dtype: 'uint16', contents: { uint_contents: [0, 65535, 300] }, bytes: bytesFrom(Uint16Array.of(0, 65535, 300)) },
  { dtype: 'uint32', contents: { uint_contents: [0, 4294967295, 128] }, bytes: bytesFrom(Uint32Array.of(0, 4294967295, 128)) },
  { dtype: 'uint64', contents: { uint64_contents: ['0', '18446744073709551615', '4294967296'] }, bytes: bytesFrom(BigUint64Array.of(0n, 18446744073709551615n, 4294967296n)) },
  { dtype: 'float32', contents: { fp32_contents: [0.1, Infinity, NaN] }, bytes: bytesFrom(Float32Array.of(0.1, Infinity, NaN)) },
  { dtype: 'float64', contents: { fp64_contents: [0.1, -Infinity, NaN] }, bytes: bytesFrom(Float64Array.of(0.1, -Infinity, NaN)) },
  { dtype: 'string', contents: { bytes_contents: [Buffer.from('ä'), Buffer.from('c'), Buffer.from('b')] }, bytes: Buffer.from([2, 0, 0, 0, 0xc3, 0xa4, 1, 0, 0, 0, 99, 1, 0, 0, 0, 98]) }
]

t.test('typed contents of every data type become the bytes of its elements', async t => {
  for (const { dtype, contents, bytes } of CASES) {
    const { read } = await countContents(encode('InferTensorContents', contents), dtype, [3], PLACE)
    t.same(Buffer.from(await read()), bytes, dtype)
  }
})

t.test('values that are not packed, or in several lists, count together', async t => {
  const one = encode('InferTensorContents', { int64_contents: [-5] })
  const { read, weightBytes } = await countContents(Buffer.concat([one, Buffer.from([0x18, 7]), one]), 'int64', [3], PLACE)
  t.equal(weightBytes, 24)
  t.same(Buffer.from(await read()), bytesFrom(BigInt64Array.of(-5n, 7n, -5n)))
  const half = encode('InferTensorContents', { fp32_contents: [0.5] })
  const float = Buffer.concat([half, Buffer.from([0x35]), bytesFrom(Float32Array.of(2))])
  t.same(Buffer.from(await (await countContents(float, 'float32', [2], PLACE)).read()), bytesFrom(Float32Array.of(0.5, 2)))
})

t.test('one packed list of floats is not copied', async t => {
  const contents = new Uint8Array(encode('InferTensorContents', { fp32_contents: [1, 2] }))
  const { read, weightBytes } = await countContents(contents, 'float32', [2], PLACE)
  t.equal(weightBytes, 0)
  t.equal((await read()).buffer, contents.buffer)
})

t.test('a mistake names the tensor, the list and the element', async t => {
  const count = async (contents: object, dtype: DType, shape = [1]) => await (await countContents(encode('InferTensorContents', contents), dtype, shape, PLACE)).read()
  await t.rejects(count({ int_contents: [1] }, 'float32'), { message: "input 'X' is FP32 and has int_contents; send its elements in fp32_contents." })
  await t.rejects(count({ int_contents: [1, 2] }, 'int32'), { message: "input 'X' has 2 values in int_contents; its shape [1] takes 1." })
  await t.rejects(count({ int_contents: [1, 128] }, 'int8', [2]), { message: "input 'X': element 1 is 128; INT8 goes from -128 to 127." })
  await t.rejects(count({ int_contents: [-32769] }, 'int16'), { message: /element 0 is -32769; INT16/ })
  await t.rejects(count({ uint_contents: [256] }, 'uint8'), { message: /element 0 is 256; UINT8 goes from 0 to 255/ })
  await t.rejects(count({ uint_contents: [65536] }, 'uint16'), { message: /element 0 is 65536; UINT16/ })
  await t.rejects(count({ fp32_contents: [1] }, 'float16'), { message: "input 'X' is FP16, which has no typed contents; send it in raw_input_contents." })
  await t.rejects(countContents(Buffer.from([0x31, 1, 2, 3, 4, 5, 6, 7, 8]), 'float32', [1], PLACE), { code: 'SRV_REQUEST_INVALID' }, 'a double among floats')
})

t.test('20 MB of values are read in pieces, and only as many as the shape says take memory', async t => {
  const bytes = Buffer.alloc(20_000_000, 1)
  const head = Buffer.from([0x1a, 0x80, 0xda, 0xc4, 0x09])
  const contents = Buffer.concat([head, bytes])
  t.ok(await turnsOf(async () => {
    await t.rejects(countContents(contents, 'int64', [4], PLACE), { message: /has 20000000 values in int64_contents; its shape \[4\]/ })
  }) >= 300)
  const { read, weightBytes } = await countContents(contents, 'int64', [20_000_000], PLACE)
  t.equal(weightBytes, 160_000_000)
  t.ok(await turnsOf(read) >= 300)
})

t.test('a tensor of every data type is written as protobuf reads it', async t => {
  const tensors: Array<[tensor: Tensor, contents: object]> = [
    [{ dtype: 'bool', shape: [2], data: Uint8Array.of(1, 0) }, { bool_contents: [true, false] }],
    [{ dtype: 'int8', shape: [2], data: Int8Array.of(-128, 127) }, { int_contents: [-128, 127] }],
    [{ dtype: 'int16', shape: [2], data: Int16Array.of(-300, 300) }, { int_contents: [-300, 300] }],
    [{ dtype: 'int32', shape: [2], data: Int32Array.of(-2147483648, 2147483647) }, { int_contents: [-2147483648, 2147483647] }],
    [{ dtype: 'int64', shape: [2], data: BigInt64Array.of(-1n, 2n ** 40n) }, { int64_contents: [-1, 2 ** 40] }],
    [{ dtype: 'uint8', shape: [2], data: Uint8Array.of(0, 255) }, { uint_contents: [0, 255] }],
    [{ dtype: 'uint16', shape: [1], data: Uint16Array.of(65535) }, { uint_contents: [65535] }],
    [{ dtype: 'uint32', shape: [1], data: Uint32Array.of(4294967295) }, { uint_contents: [4294967295] }],
    [{ dtype: 'uint64', shape: [1], data: BigUint64Array.of(2n ** 50n) }, { uint64_contents: [2 ** 50] }],
    [{ dtype: 'float32', shape: [2], data: Float32Array.of(0.5, -2) }, { fp32_contents: [0.5, -2] }],
    [{ dtype: 'float64', shape: [1], data: Float64Array.of(0.1) }, { fp64_contents: [0.1] }],
    [{ dtype: 'string', shape: [2], data: ['ä', ''] }, { bytes_contents: [Buffer.from('ä'), Buffer.alloc(0)] }]
  ]
  for (const [tensor, contents] of tensors) t.match(decode('InferTensorContents', await contentsOf(tensor)), contents, tensor.dtype)
  t.equal(hasContents('float16'), false)
})

t.test('an answer of too many typed values is refused', async t => {
  await t.rejects(contentsOf({ dtype: 'int8', shape: [2_097_153], data: new Int8Array(2_097_153) }), { code: 'SRV_ANSWER_TOO_LARGE' })
})
