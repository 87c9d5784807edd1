import t from 'tap'
import type { Signature } from '../../../lib/tensor.ts'
import { tensorsInstances } from '../../../wire/tensors/instances.ts'
import { examplesIn } from '../examples.ts'
import { tokensSignature } from '../../fixtures/tensors.ts'

const several = tensorsInstances(tokensSignature, 100)
const one = (shape: Array<number | null>): Signature => ({ inputs: [{ name: 'x', dtype: 'float32', shape }], outputs: [] })

t.test('an instance of several inputs is an object of rows without the batch axis', async t => {
  t.match(await several.read([{ tokens: [1, 9, '2'], attention_mask: [1, 0, 1] }]), [{ feeds: { tokens: { shape: [1, 3], data: BigInt64Array.of(1n, 9n, 2n) }, attention_mask: { shape: [1, 3], data: Float32Array.of(1, 0, 1) } } }])
})

t.test('an instance of one input is the row itself, or an object', async t => {
  const { read } = tensorsInstances(one([null, 2]), 100)
  t.match(await read([[1, 2], { x: [3, 4] }]), [{ feeds: { x: { shape: [1, 2], data: Float32Array.of(1, 2) } } }, { feeds: { x: { shape: [1, 2], data: Float32Array.of(3, 4) } } }])
  t.match(await tensorsInstances(one([1, 1, 2]), 100).read([[[1, 2]]]), [{ feeds: { x: { shape: [1, 1, 2] } } }], 'a batch of one is one, too')
  t.match(await tensorsInstances(one([2]), 100).read([[1, 2]]), [{ feeds: { x: { shape: [2] } } }], 'a model without a batch axis gets the whole tensor')
  t.match(await tensorsInstances(one([]), 100).read([7]), [{ feeds: { x: { shape: [], data: Float32Array.of(7) } } }])
})

t.test('what does not fit is named by its instance and its tensor', async t => {
  const row = { tokens: [1, 2, 3], attention_mask: [1, 1, 1] }
  await t.rejects(several.read([row, [1, 2, 3]]), { statusCode: 422, message: 'instance 2 is no object; send {"tokens": …, "attention_mask": …}.' })
  await t.rejects(several.read([row, { ...row, tokens: [1, 2] }]), { statusCode: 422, message: "instance 2: input 'tokens' at [0] has 2 values; the model takes [any,3]." })
  await t.rejects(several.read([{ tokens: [1, 2, 3] }]), { statusCode: 422, message: /^instance 1: input 'attention_mask' is missing/ })
  await t.rejects(several.read([{ ...row, more: [1] }]), { statusCode: 422, message: /^instance 1: the model has no input 'more'/ })
})

t.test('its example runs, if the tensors are small', async t => {
  const [example] = examplesIn(await several.schema())
  await t.resolves(several.read([example]))
  const { read, schema, valuesOf } = tensorsInstances(one([null, 2]), 100)
  const [row] = examplesIn(await schema())
  t.same(row, [0, 0])
  await t.resolves(read([row]))
  t.same(examplesIn(await tensorsInstances(one([null, 1000]), 100).schema()), [])
  t.equal(valuesOf(3), 300)
})
