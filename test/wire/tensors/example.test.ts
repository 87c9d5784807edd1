import t from 'tap'
import { itemFromJson } from '../../../lib/modalities/tensors/values.ts'
import type { Signature } from '../../../lib/tensor.ts'
import { exampleBodyOf, exampleTensorsOf } from '../../../wire/tensors/example.ts'
import { tokensSignature } from '../../fixtures/tensors.ts'

t.test('an example body is one that is read', async t => {
  t.same(exampleBodyOf(tokensSignature), { inputs: { tokens: [[0, 0, 0]], attention_mask: [[1, 1, 1]] } })
  const all: Signature = { inputs: [{ name: 'b', dtype: 'bool', shape: [2, null, 2] }, { name: 's', dtype: 'string', shape: [] }], outputs: [] }
  const body = exampleBodyOf(all)
  t.same(body, { inputs: { b: [[[false, false]], [[false, false]]], s: '' } })
  t.match(await itemFromJson(body, 'the input', all), { feeds: { b: { shape: [2, 1, 2] } } })
})

t.test('named tensors hold the same example, each as one list', async t => {
  t.same(exampleTensorsOf(tokensSignature), [
    { name: 'tokens', datatype: 'INT64', shape: [1, 3], values: [0, 0, 0] }, { name: 'attention_mask', datatype: 'FP32', shape: [1, 3], values: [1, 1, 1] }
  ])
  t.equal(exampleTensorsOf({ inputs: [{ name: 'x', dtype: 'float32', shape: [1, 3, 224, 224] }], outputs: [] }), null)
})

t.test('large tensors have none', async t => {
  t.equal(exampleBodyOf({ inputs: [{ name: 'x', dtype: 'float32', shape: [1, 3, 224, 224] }], outputs: [] }), null)
})
