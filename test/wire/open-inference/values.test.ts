import t from 'tap'
import type { DType, Tensor } from '../../../lib/tensor.ts'
import { flat, shapeOf, tensorFromValues } from '../../../wire/open-inference/values.ts'
import { turnsOf } from '../../turns.ts'

t.test('a shape is a list of lengths', async t => {
  t.same(shapeOf([0, 3, 2 ** 53 - 1], 'x'), [0, 3, 2 ** 53 - 1])
  t.same(shapeOf([], 'x'), [])
  for (const length of [-1, 1.5, '4', null, [4], 2 ** 60 + 2, NaN, true, 2n ** 60n]) t.throws(() => shapeOf([2, length], "input 'X'"), { statusCode: 400, message: /^input 'X': 'shape' has .* as the length of axis 1/ })
  t.throws(() => shapeOf(new Array(33).fill(1), 'x'), { message: /33 axes, over the limit of 32/ })
})

t.test('values of JSON and protobuf become tensors, flat or nested', async t => {
  const cases: Array<[DType, number[], unknown[], Tensor['data']]> = [
    ['float32', [2, 2], [1, 2.5, 3, 4], Float32Array.of(1, 2.5, 3, 4)],
    ['float32', [2, 2], [[1, 2.5], [3, 4]], Float32Array.of(1, 2.5, 3, 4)],
    ['float32', [4], [[[1], [2.5]], [[3], [4]]], Float32Array.of(1, 2.5, 3, 4)],
    ['float32', [4], [null, 'NaN', 'Infinity', -Infinity], Float32Array.of(NaN, NaN, Infinity, -Infinity)],
    // numpy's shortest text of the greatest float32 is a greater double.
    ['float32', [1], [3.4028235e38], Float32Array.of(3.4028234663852886e38)],
    ['float16', [2], [0.1, 65504], Uint16Array.of(0x2e66, 0x7bff)],
    ['bool', [4], [true, false, 1, 0], Uint8Array.of(1, 0, 1, 0)],
    ['int64', [3], [2n ** 53n + 1n, '-9223372036854775808', 5], BigInt64Array.of(2n ** 53n + 1n, -(2n ** 63n), 5n)],
    ['uint64', [1], ['18446744073709551615'], BigUint64Array.of(2n ** 64n - 1n)],
    ['string', [2], ['é', Buffer.from('b')], ['é', 'b']],
    ['float32', [0, 4], [], new Float32Array()],
    ['float32', [0, 4], [[], []], new Float32Array()],
    ['float32', [], [7], Float32Array.of(7)]
  ]
  for (const [dtype, shape, values, data] of cases) t.same(await tensorFromValues(dtype, shape, values, 'x'), { dtype, shape, data }, JSON.stringify(values, (_key, value: unknown) => typeof value === 'bigint' ? String(value) : value))
})

t.test('what does not fit is refused by its element', async t => {
  const refused = async (dtype: DType, shape: number[], values: unknown[], message: RegExp) => {
    await t.rejects(tensorFromValues(dtype, shape, values, "input 'X'"), { code: 'SRV_TENSOR_UNUSABLE', message }, String(message))
  }
  await refused('float32', [3], [1], /^input 'X' has 1 values; its shape \[3\] takes 3\.$/)
  await refused('float32', [1e12, 4], [1, 2, 3, 4], /takes 4000000000000/)
  await refused('float32', new Array(32).fill(2 ** 53 - 1), [1], /has 1 values/)
  await refused('float32', [2], ['3', 1], /element 0 is the text "3", not a number/)
  await refused('float32', [2], [1, 1e39], /element 1 is 1e\+39, which a float32 cannot hold/)
  await refused('int32', [1], [1.5], /not a whole number/)
  await refused('int32', [1], [null], /is null/)
  await refused('bool', [1], [2], /is 2, not true or false/)
  await refused('string', [1], [Uint8Array.of(255)], /not a text/)
  await refused('float32', [2], [1, [2]], /element 1 is a list/)
  await refused('float32', [2], [[1], 2], /lists and values side by side/)
})

t.test('large values are read in pieces', async t => {
  const length = 200_000
  t.ok(await turnsOf(async () => { await tensorFromValues('float32', [length], new Array(length).fill(1), 'x') }) >= 10)
  t.ok(await turnsOf(async () => { await flat(Array.from({ length }, () => [1]), 'x') }) >= 10)
})

t.test('empty lists are not kept', async t => {
  const { lists, count } = await flat([[], ...Array.from({ length: 50_000 }, () => []), [1], [], [2, 3]], 'x')
  t.same([lists, count], [[[1], [2, 3]], 3])
  t.same(await flat([[], []], 'x'), { lists: [], count: 0 })
})
