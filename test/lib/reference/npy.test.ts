import t from 'tap'
import { readNpy } from '../../../lib/reference/npy.ts'
import { npy } from '../../fixtures/npy.ts'

t.test('arrays are read of every kind, whatever the length of their shape', async t => {
  t.same(readNpy(npy("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 2), }", Float32Array.of(1.5, -2, 0, 3))), { dtype: 'float32', shape: [2, 2], values: [1.5, -2, 0, 3] })
  t.same(readNpy(npy("{'descr': '<i8', 'fortran_order': False, 'shape': (2,), }", BigInt64Array.of(2n ** 60n, -1n))), { dtype: 'int64', shape: [2], values: [2n ** 60n, -1n] })
  t.same(readNpy(npy("{'descr': '|b1', 'fortran_order': False, 'shape': (), }", Uint8Array.of(1))), { dtype: 'bool', shape: [], values: [true] })
  // 0x3c00 is 1 and 0xc000 is -2 in IEEE 754 binary16.
  t.same(readNpy(npy("{'descr': '<f2', 'fortran_order': False, 'shape': (2, 1), }", Uint16Array.of(0x3c00, 0xc000))), { dtype: 'float16', shape: [2, 1], values: [1, -2] })
  t.same(readNpy(npy("{'descr': '<U3', 'fortran_order': False, 'shape': (2,), }", Uint32Array.of(0x61, 0x1f377, 0, 0x62, 0x63, 0x64))), { dtype: 'string', shape: [2], values: ['a🍷', 'bcd'] })
  t.same(readNpy(npy("{'descr': '<f8', 'fortran_order': False, 'shape': (0, 3), }", Float64Array.of())), { dtype: 'float64', shape: [0, 3], values: [] })
  t.same(readNpy(npy("{'descr': '<f8', 'fortran_order': False, 'shape': (1,), }", Float64Array.of(0.1), 2)), { dtype: 'float64', shape: [1], values: [0.1] }, 'in version 2 of the format')
})

t.test('other arrays are refused, with how to save them', async t => {
  const floats = Float32Array.of(1, 2)
  for (const [bytes, message] of [
    [Buffer.from('PK'), /is not an array of NumPy/],
    [Buffer.from('\x93NUMPY\x01', 'latin1'), /is cut off/],
    [npy("{'descr': '<f4', 'fortran_order': True, 'shape': (2,), }", floats), /ascontiguousarray/],
    [npy("{'descr': '>f4', 'fortran_order': False, 'shape': (2,), }", floats), /big-endian/],
    [npy("{'descr': '|O', 'fortran_order': False, 'shape': (2,), }", floats), /an array of objects\?/],
    [npy("{'descr': '<c8', 'fortran_order': False, 'shape': (1,), }", floats), /type 'c8'/],
    [npy("{'descr': '<U0', 'fortran_order': False, 'shape': (1000000000,), }", Uint8Array.of()), /has 0 bytes/],
    [npy("{'descr': '<U99999', 'fortran_order': False, 'shape': (1,), }", floats), /type 'U99999'/],
    [npy("{'descr': '<U1', 'fortran_order': False, 'shape': (1,), }", Uint32Array.of(0x110000)), /holds a letter that is none/],
    [npy("{'descr': '<f4', 'fortran_order': False, 'shape': (3,), }", floats), /has 8 bytes of data, not 12/],
    [npy("{'descr': '<f4', 'fortran_order': False, 'shape': (99999999, 99999999), }", floats), /has 8 bytes of data, not/],
    [npy('x'.repeat(65_537), floats, 2), /its header is too long/]
  ] as const) t.throws(() => readNpy(bytes), { message })
})
