import { InferenceSession } from 'onnxruntime-node'
import t from 'tap'
import { fromOrt, toOrt } from '../../../lib/engine/ort-tensor.ts'
import { onnxFile } from '../../fixtures/onnx.ts'

t.test('the 16 bits of each float16 go into ONNX Runtime and come out, on every version of Node.js', async t => {
  const session = await InferenceSession.create(onnxFile([['a', 'float16', ['n']]], [['b', 'float16', ['n']]], [{ op: 'Neg', from: ['a'], to: 'b' }]))
  // 1 and -65504, the smallest float16: https://en.wikipedia.org/wiki/Half-precision_floating-point_format
  const { b } = await session.run({ a: toOrt({ dtype: 'float16', shape: [2], data: Uint16Array.of(0x3c00, 0xfbff) }) })
  if (!b) return t.fail('there is no output')
  t.same(fromOrt(b), { dtype: 'float16', shape: [2], data: Uint16Array.of(0xbc00, 0x7bff) })
  t.ok(fromOrt(b).data instanceof Uint16Array)
})

t.test('all other tensors stay as they are', async t => {
  for (const tensor of [{ dtype: 'float32', shape: [1, 2], data: Float32Array.of(1, -2) }, { dtype: 'string', shape: [1], data: ['a'] }] as const) {
    const { dtype, data } = tensor
    const shape = [...tensor.shape]
    t.same(fromOrt(toOrt(dtype === 'string' ? { dtype, shape, data: [...data] } : { dtype, shape, data })), { dtype, shape, data })
  }
})
