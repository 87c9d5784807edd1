import t from 'tap'
import { elementsOf } from '../../../../lib/modalities/tensors/elements.ts'
import type { DType } from '../../../../lib/tensor.ts'

t.test('values of JSON become elements of each type, and what a type cannot hold is told', async t => {
  const cases: Array<[DType, unknown[], unknown, Array<[unknown, RegExp]>]> = [
    ['float32', [1.5, -0], Float32Array.of(1.5, -0), [[1e39, /^is 1e\+39, which a float32 cannot hold$/], ['1', /^is the text "1", not a number$/], [null, /^is null, not a number$/], [[1], /^is a list, not a number$/]]],
    ['float64', [1e300], Float64Array.of(1e300), [[Infinity, /which a float64 cannot hold/], [{}, /^is an object/]]],
    ['float16', [0.1, 65504], Uint16Array.of(0x2e66, 0x7bff), [[65505, /which a float16 cannot hold/], [true, /^is true, not a number$/]]],
    ['int8', [-128, 127], Int8Array.of(-128, 127), [[128, /which a int8 cannot hold/], [0.5, /^is 0\.5, not a whole number$/]]],
    ['int16', [-32768], Int16Array.of(-32768), [[32768, /cannot hold/]]],
    ['int32', [-(2 ** 31)], Int32Array.of(-(2 ** 31)), [[2 ** 31, /cannot hold/]]],
    ['uint8', [0, 255], Uint8Array.of(0, 255), [[-1, /cannot hold/], [256, /cannot hold/]]],
    ['uint16', [65535], Uint16Array.of(65535), [[65536, /cannot hold/]]],
    ['uint32', [2 ** 32 - 1], Uint32Array.of(2 ** 32 - 1), [[2 ** 32, /cannot hold/]]],
    ['int64', [-3, '9223372036854775807', '-9223372036854775808'], BigInt64Array.of(-3n, 2n ** 63n - 1n, -(2n ** 63n)), [
      [2 ** 53, /^is 9007199254740992, which JSON may not hold exactly; send it as a text of digits$/], ['9223372036854775808', /not a whole number/], ['1e3', /not a whole number/], ['', /not a whole number/], [1.5, /not a whole number/], ['1'.repeat(100), /^is the text "1{40}", not a whole number$/]
    ]],
    ['uint64', [3, '18446744073709551615'], BigUint64Array.of(3n, 2n ** 64n - 1n), [['18446744073709551616', /not a whole number/], ['-1', /not/], [-1, /JSON may not hold/]]],
    ['bool', [true, false], Uint8Array.of(1, 0), [[1, /^is 1, not true or false$/], ['true', /not true or false/]]],
    ['string', ['a', ''], ['a', ''], [[1, /^is 1, not a text$/], [null, /not a text/]]]
  ]
  for (const [dtype, values, data, faults] of cases) {
    const elements = elementsOf(dtype, values.length)
    for (const [at, value] of values.entries()) t.equal(elements.set(at, value), null, `${dtype} ${String(value)}`)
    t.same(elements.data, data, dtype)
    for (const [value, fault] of faults) t.match(elementsOf(dtype, 1).set(0, value), fault, `${dtype} ${String(fault)}`)
  }
})

t.test('numbers that JSON has no token for, and whole numbers of any length', async t => {
  const cases: Array<[DType, unknown[], unknown]> = [
    ['float32', ['NaN', 'Infinity', '-Infinity', 2n ** 64n], Float32Array.of(NaN, Infinity, -Infinity, 2 ** 64)],
    ['float16', ['NaN', '-Infinity', 7n], Uint16Array.of(0x7e00, 0xfc00, 0x4700)],
    ['int8', [7n], Int8Array.of(7)],
    ['int64', [2n ** 53n + 1n], BigInt64Array.of(2n ** 53n + 1n)],
    ['uint64', [2n ** 64n - 1n], BigUint64Array.of(2n ** 64n - 1n)]
  ]
  for (const [dtype, values, data] of cases) {
    const elements = elementsOf(dtype, values.length)
    for (const [at, value] of values.entries()) t.equal(elements.set(at, value), null, `${dtype} ${String(value)}`)
    t.same(elements.data, data, dtype)
  }
  t.match(elementsOf('int64', 1).set(0, 2n ** 63n), /^is 9223372036854775808, which a int64 cannot hold$/)
  t.match(elementsOf('int8', 1).set(0, 128n), /^is 128, which a int8 cannot hold$/)
  t.match(elementsOf('int8', 1).set(0, 'NaN'), /not a whole number/)
  t.match(elementsOf('float32', 1).set(0, 'nan'), /not a number/)
})
