import t from 'tap'
import { DATATYPE_NAMES, datatypeOf, dtypeOf, SIZES_BYTES } from '../../../wire/open-inference/datatypes.ts'

t.test('every type of a tensor has a name of the protocol, and back', async t => {
  // From the table of the protocol's specification; BF16, which only Triton has, is none of ONNX Runtime's binding.
  const names = { bool: 'BOOL', uint8: 'UINT8', uint16: 'UINT16', uint32: 'UINT32', uint64: 'UINT64', int8: 'INT8', int16: 'INT16', int32: 'INT32', int64: 'INT64', float16: 'FP16', float32: 'FP32', float64: 'FP64', string: 'BYTES' } as const
  const sizes = { BOOL: 1, UINT8: 1, UINT16: 2, UINT32: 4, UINT64: 8, INT8: 1, INT16: 2, INT32: 4, INT64: 8, FP16: 2, FP32: 4, FP64: 8, BYTES: null }
  for (const dtype of Object.keys(SIZES_BYTES) as Array<keyof typeof names>) {
    t.equal(datatypeOf(dtype), names[dtype])
    t.equal(dtypeOf(names[dtype]), dtype)
    t.equal(SIZES_BYTES[dtype], sizes[names[dtype]])
  }
  t.same([...DATATYPE_NAMES].sort(), Object.keys(sizes).sort())
  t.same(['float32', 'BF16', 'toString', ''].map(dtypeOf), [undefined, undefined, undefined, undefined])
})
