import t from 'tap'
import { tensorsText, tensorText, valuesIn } from '../../../lib/output/text.ts'
import type { Tensor, Tensors } from '../../../lib/tensor.ts'
import { turnsOf } from '../../turns.ts'

const floats = (shape: number[], ...values: number[]): Tensor => ({ dtype: 'float32', shape, data: Float32Array.from(values) })

t.test('a tensor is as many nested lists as it has axes', async t => {
  t.equal(await tensorsText({ y: floats([2, 3], 1, 2, 3, 4, 5, 6) }), '{"y":[[1,2,3],[4,5,6]]}')
  t.equal(await tensorsText({ y: floats([2, 1, 2], 1, 2, 3, 4) }), '{"y":[[[1,2]],[[3,4]]]}')
  t.equal(await tensorsText({ y: floats([1, 2, 1, 1], 1, 2) }), '{"y":[[[[1]],[[2]]]]}')
  t.equal(await tensorsText({ y: floats([], 7) }), '{"y":7}')
  t.equal(await tensorsText({}), '{}')
  t.equal(await tensorText(floats([2, 1], 1, 2)), '[[1],[2]]')
})

t.test('an axis of length 0 is an empty list', async t => {
  t.equal(await tensorsText({ y: floats([0]) }), '{"y":[]}')
  t.equal(await tensorsText({ y: floats([0, 4]) }), '{"y":[]}')
  t.equal(await tensorsText({ y: floats([2, 0, 3]) }), '{"y":[[],[]]}')
})

t.test('elements of every type are written without loss', async t => {
  const tensors: Tensors = {
    'a "quoted" name': { dtype: 'string', shape: [2], data: ['"', 'ü\n'] },
    big: { dtype: 'int64', shape: [2], data: BigInt64Array.of(2n ** 53n + 1n, -(2n ** 63n)) },
    unsigned: { dtype: 'uint64', shape: [1], data: BigUint64Array.of(2n ** 64n - 1n) },
    bool: { dtype: 'bool', shape: [2], data: Uint8Array.of(1, 0) },
    double: { dtype: 'float64', shape: [2], data: Float64Array.of(0.1, 1e300) },
    single: floats([3], 0.1, -0, 1e21),
    half: { dtype: 'float16', shape: [1], data: Uint16Array.of(0xc000) },
    none: floats([3], NaN, Infinity, -Infinity)
  }
  const text = await tensorsText(tensors)
  t.equal(text, '{"a \\"quoted\\" name":["\\"","ü\\n"],"big":[9007199254740993,-9223372036854775808],"unsigned":[18446744073709551615],"bool":[true,false],"double":[0.1,1e+300],"single":[0.1,0,1e+21],"half":[-2],"none":["NaN","Infinity","-Infinity"]}')
  t.doesNotThrow(() => JSON.parse(text))
})

t.test('a large tensor is written in pieces, and several tensors share them', async t => {
  const large = floats([4, 16_384], ...Float32Array.from({ length: 65_536 }, (_, at) => at))
  t.ok(await turnsOf(() => tensorsText({ large })) >= 3)
  t.same(JSON.parse(await tensorsText({ large })).large[3].slice(-2), [65_534, 65_535])
  const small = Object.fromEntries(Array.from({ length: 64 }, (_, at) => [`${at}`, floats([1024], ...new Float32Array(1024))]))
  t.ok(await turnsOf(() => tensorsText(small)) >= 3)
})

t.test('the size of an answer counts values, lists, and long texts several times', async t => {
  t.equal(valuesIn({ y: floats([2, 3], 1, 2, 3, 4, 5, 6) }), 2 + 6)
  t.equal(valuesIn({ y: floats([1, 1, 1], 1), z: floats([], 1) }), 3)
  t.equal(valuesIn({ y: floats([1000, 0]) }), 1000)
  t.equal(valuesIn({ y: { dtype: 'string', shape: [2], data: ['a', 'b'.repeat(160)] } }), 2 + 10)
})
