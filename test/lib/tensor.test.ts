import t from 'tap'
import { bytesIn, concatenate, countOf, lengthOf, rowsOf, tensorOf, type Tensor } from '../../lib/tensor.ts'

t.test('a tensor of other elements than its type and shape say is refused', async t => {
  t.same(tensorOf('int64', [2], BigInt64Array.of(1n, 2n)), { dtype: 'int64', shape: [2], data: BigInt64Array.of(1n, 2n) })
  for (const [dtype, shape, data] of [
    ['int64', [2], Int32Array.of(1, 2)], ['float32', [3], Float32Array.of(1, 2)], ['string', [1], Uint8Array.of(1)], ['float8', [1], Uint8Array.of(1)]
  ] as const) t.throws(() => tensorOf(dtype, shape, data), { message: /other elements than its type and shape say/ }, dtype)
})

t.test('a shape without axes holds one element, and one with an empty axis none', async t => {
  t.equal(lengthOf([]), 1)
  t.equal(lengthOf([3, 0, 2]), 0)
  t.equal(countOf({}), 1)
  t.equal(countOf({ a: tensorOf('float32', [], Float32Array.of(1)) }), 1)
  t.equal(countOf({ a: tensorOf('float32', [2, 1], Float32Array.of(1, 2)) }), 2)
})

const EXAMPLES: Tensor[] = [
  { dtype: 'float32', shape: [2, 2], data: Float32Array.of(1, 2, 3, 4) },
  { dtype: 'float64', shape: [2, 2], data: Float64Array.of(1, 2, 3, 4) },
  { dtype: 'float16', shape: [2, 2], data: Uint16Array.of(0x3c00, 0x4000, 0x4200, 0x4400) },
  { dtype: 'int8', shape: [2, 2], data: Int8Array.of(-1, 2, 3, 4) },
  { dtype: 'int16', shape: [2, 2], data: Int16Array.of(-1, 2, 3, 4) },
  { dtype: 'int32', shape: [2, 2], data: Int32Array.of(-1, 2, 3, 4) },
  { dtype: 'int64', shape: [2, 2], data: BigInt64Array.of(-(2n ** 63n), 2n ** 53n + 1n, 3n, 4n) },
  { dtype: 'uint8', shape: [2, 2], data: Uint8Array.of(255, 2, 3, 4) },
  { dtype: 'uint16', shape: [2, 2], data: Uint16Array.of(65535, 2, 3, 4) },
  { dtype: 'uint32', shape: [2, 2], data: Uint32Array.of(4294967295, 2, 3, 4) },
  { dtype: 'uint64', shape: [2, 2], data: BigUint64Array.of(2n ** 64n - 1n, 2n, 3n, 4n) },
  { dtype: 'bool', shape: [2, 2], data: Uint8Array.of(0, 1, 1, 0) },
  { dtype: 'string', shape: [2, 2], data: ['a', '', 'ü', '日本'] }
]

for (const tensor of EXAMPLES) {
  t.test(`rows of ${tensor.dtype} come apart and together again`, async t => {
    const [first, second] = [rowsOf(tensor, 0, 1), rowsOf(tensor, 1, 1)]
    t.same(first.shape, [1, 2])
    t.same([...second.data], [...tensor.data].slice(2))
    t.same(concatenate([first, second]), tensor)
    t.same(concatenate([second, tensor]).shape, [3, 2])
  })
}

t.test('tensors that do not fit together are not concatenated', async t => {
  const float = tensorOf('float32', [1, 2], Float32Array.of(1, 2))
  t.throws(() => concatenate([float, tensorOf('float32', [1, 3], Float32Array.of(1, 2, 3))]), { message: /different types or shapes/ })
  t.throws(() => concatenate([float, tensorOf('float64', [1, 2], Float64Array.of(1, 2))]), { message: /different types or shapes/ })
  t.throws(() => concatenate([]), { message: 'no tensors to concatenate' })
})

t.test('the bytes of tensors are those of their numbers', async t => {
  t.equal(bytesIn({
    a: { dtype: 'float64', shape: [2], data: Float64Array.of(1, 2) }, b: { dtype: 'float16', shape: [1], data: Uint16Array.of(0) }, c: { dtype: 'string', shape: [1], data: ['text'] }
  }), 18)
})
