import t from 'tap'
import type { TensorSpec } from '../../../lib/tensor.ts'
import { rawRequest } from '../../../wire/open-inference/raw.ts'

const X: TensorSpec = { name: 'X', dtype: 'float32', shape: [null, 4] }

t.test('the bytes are those of the only input, and the answer comes in bytes', async t => {
  for (const rows of [1, 3]) {
    const bytes = new Uint8Array(16 * rows)
    const { question, isBinary } = rawRequest(bytes, { inputs: [X], outputs: [] })
    t.same(question, { inputs: [{ name: 'X', datatype: 'FP32', shape: [rows, 4], bytes }] })
    t.ok(isBinary('any'))
  }
})

t.test('a text is sent as it is, as one element', async t => {
  const { question } = rawRequest(Buffer.from('hi'), { inputs: [{ name: 'X', dtype: 'string', shape: [null] }], outputs: [] })
  t.same(question.inputs[0], { name: 'X', datatype: 'BYTES', shape: [1], bytes: Buffer.from([2, 0, 0, 0, 104, 105]) })
})

t.test('what is no whole row, or no single input, is refused', async t => {
  const refused = (bytes: number, inputs: TensorSpec[], message: RegExp) => t.throws(() => rawRequest(new Uint8Array(bytes), { inputs, outputs: [] }), { statusCode: 400, message })
  refused(15, [X], /15 bytes; each row of input 'X' of FP32 \[-1,4\] takes 16/)
  refused(32, [{ ...X, shape: [1, 4] }], /32 bytes; input 'X' of FP32 \[1,4\] takes 16/)
  refused(16, [X, X], /a model with one input/)
  refused(16, [{ ...X, shape: [null, null] }], /at most one axis of any length/)
  refused(16, [{ ...X, shape: [null, 0] }], /16 bytes/)
})
