import t from 'tap'
import type { DType, Tensor } from '../../../lib/tensor.ts'
import { bytesOf, elementsFrom, tensorFromBytes } from '../../../wire/open-inference/binary.ts'
import { turnsOf } from '../../turns.ts'

/** Bytes as numpy writes them: `array.tobytes().hex()`. */
const NUMPY: Array<[DType, string, Tensor['data']]> = [
  ['float32', '0000c03f0000807f', Float32Array.of(1.5, Infinity)],
  ['float64', '000000000000f83f', Float64Array.of(1.5)],
  ['float16', '003e007c', Uint16Array.of(0x3e00, 0x7c00)],
  ['int8', 'ff7f', Int8Array.of(-1, 127)],
  ['int16', 'feff', Int16Array.of(-2)],
  ['int32', 'fdffffff', Int32Array.of(-3)],
  ['int64', '01000000000020000000000000000080', BigInt64Array.of(2n ** 53n + 1n, -(2n ** 63n))],
  ['uint8', '00ff', Uint8Array.of(0, 255)],
  ['uint16', 'ffff', Uint16Array.of(65535)],
  ['uint32', 'ffffffff', Uint32Array.of(2 ** 32 - 1)],
  ['uint64', 'ffffffffffffffff', BigUint64Array.of(2n ** 64n - 1n)],
  ['bool', '0100', Uint8Array.of(1, 0)],
  // tritonclient.utils.serialize_byte_tensor(np.array(['é', ''], object))
  ['string', '02000000c3a900000000', ['é', '']]
]

t.test('bytes become tensors of each type, and tensors bytes', async t => {
  for (const [dtype, hex, data] of NUMPY) {
    const bytes = new Uint8Array(Buffer.from(hex, 'hex'))
    const tensor = await tensorFromBytes(dtype, [data.length], bytes, "input 'X'")
    t.same(tensor, { dtype, shape: [data.length], data }, dtype)
    t.equal(Buffer.from(await bytesOf(tensor)).toString('hex'), hex, dtype)
  }
})

t.test('a tensor of numbers is a view of aligned bytes, and a copy of others', async t => {
  const memory = new ArrayBuffer(32)
  const aligned = await tensorFromBytes('float32', [2], new Uint8Array(memory, 8, 8), 'x')
  const other = await tensorFromBytes('float32', [2], Buffer.from(memory, 9, 8), 'x')
  t.ok(!Array.isArray(aligned.data) && aligned.data.buffer === memory)
  t.ok(!Array.isArray(other.data) && other.data.buffer !== memory)
})

t.test('too many and too few bytes are refused, and what is no text or truth', async t => {
  const refused = async (dtype: DType, shape: number[], bytes: number[], message: RegExp) => {
    await t.rejects(tensorFromBytes(dtype, shape, Uint8Array.from(bytes), "input 'X'"), { code: 'SRV_TENSOR_UNUSABLE', message }, String(message))
  }
  await refused('float32', [1], [0, 0, 0], /^input 'X' has 3 bytes; its shape \[1\] of FP32 takes 4\.$/)
  await refused('float32', [1e12, 4], [0, 0, 0, 0], /takes 16000000000000/)
  await refused('string', [1e12], [0, 0, 0, 0], /4 bytes, too few for the lengths of 1000000000000 BYTES elements/)
  await refused('string', [1], [2, 0, 0, 0, 65], /BYTES element 0 ends after the 5 bytes/)
  await refused('string', [2], [4, 0, 0, 0, 65, 65, 65, 65], /BYTES element 1 ends after/)
  await refused('string', [1], [0, 0, 0, 0, 65], /1 bytes after its 1 BYTES elements/)
  await refused('string', [1], [1, 0, 0, 0, 255], /BYTES element 0 is not a text of UTF-8/)
  await refused('bool', [2], [1, 2], /BOOL element 1 is the byte 2, not 0 or 1/)
})

t.test('BYTES need not be texts, and many are read and written in pieces', async t => {
  const elements = await elementsFrom(Uint8Array.of(1, 0, 0, 0, 255, 0, 0, 0, 0), 2, 'x')
  t.same(elements.map(element => [...element]), [[255], []])
  const count = 50_000
  t.ok(await turnsOf(async () => { await elementsFrom(new Uint8Array(4 * count), count, 'x') }) >= 5)
  t.ok(await turnsOf(async () => { await bytesOf({ dtype: 'string', shape: [count], data: new Array<string>(count).fill('a') }) }) >= 5)
  t.ok(await turnsOf(async () => { await tensorFromBytes('bool', [4 * 1024 * 1024], new Uint8Array(4 * 1024 * 1024), 'x') }) >= 3)
})

t.test('numbers that begin anywhere in the body of a request are read', async t => {
  const body = Buffer.alloc(3 + 4 + 8)
  body.writeFloatLE(1.5, 3)
  body.writeBigInt64LE(-7n, 7)
  t.same(await tensorFromBytes('float32', [1], body.subarray(3, 7), 'x'), { dtype: 'float32', shape: [1], data: Float32Array.of(1.5) })
  t.same(await tensorFromBytes('int64', [1], body.subarray(7), 'x'), { dtype: 'int64', shape: [1], data: BigInt64Array.of(-7n) })
})
