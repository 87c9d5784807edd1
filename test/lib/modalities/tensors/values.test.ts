import t from 'tap'
import { exampleOf, itemFromJson, shapeText } from '../../../../lib/modalities/tensors/values.ts'
import type { Signature, TensorSpec } from '../../../../lib/tensor.ts'
import { tokensSignature } from '../../../fixtures/tensors.ts'
import { turnsOf } from '../../../turns.ts'

const one = (shape: TensorSpec['shape'], dtype: TensorSpec['dtype'] = 'float32'): Signature => ({ inputs: [{ name: 'x', dtype, shape }], outputs: [] })

t.test('nested lists become tensors of the shape that they have, the batch axis included', async t => {
  t.same(await itemFromJson({ inputs: { attention_mask: [[1, 0, 1]], tokens: [[1, 2, '3'], [4, 5, 6]] } }, 'the input', tokensSignature), {
    feeds: {
      tokens: { dtype: 'int64', shape: [2, 3], data: BigInt64Array.of(1n, 2n, 3n, 4n, 5n, 6n) },
      attention_mask: { dtype: 'float32', shape: [1, 3], data: Float32Array.of(1, 0, 1) }
    }
  })
  const feedOf = async (value: unknown, signature: Signature) => (await itemFromJson({ inputs: { x: value } }, 'the input', signature)).feeds['x']
  t.same(await feedOf([[[1, 2]], [[3, 4]], [[5, 6]]], one([null, 1, null])), { dtype: 'float32', shape: [3, 1, 2], data: Float32Array.of(1, 2, 3, 4, 5, 6) })
  t.same(await feedOf(7, one([])), { dtype: 'float32', shape: [], data: Float32Array.of(7) }, 'a scalar is no list')
  t.same(await feedOf([], one([null, 4])), { dtype: 'float32', shape: [0, 4], data: new Float32Array() }, 'nothing has the axes that the model declares')
  t.same(await feedOf([[], []], one([null, null, 2], 'string')), { dtype: 'string', shape: [2, 0, 2], data: [] })
})

t.test('every mistake names the tensor, the place and what the model takes', async t => {
  const mistakes: Array<[unknown, Signature, RegExp]> = [
    [[1, 2], tokensSignature, /^the input has no object 'inputs'; send \{"inputs": \{"tokens": …, "attention_mask": …\}\}\.$/],
    [{ inputs: [1] }, tokensSignature, /has no object 'inputs'/],
    [{ inputs: null }, tokensSignature, /has no object 'inputs'/],
    [{ inputs: {}, more: 1 }, tokensSignature, /unknown field 'more' beside 'inputs'/],
    [{ inputs: { tokens: [[1, 2, 3]] } }, tokensSignature, /^input 'attention_mask' is missing; the model takes 'tokens', 'attention_mask'\.$/],
    [{ inputs: { tokens: [[1, 2, 3]], attention_mask: [[1, 1, 1]], mask: 1 } }, tokensSignature, /^the model has no input 'mask'; it has 'tokens', 'attention_mask'\.$/],
    [JSON.parse('{"inputs":{"x":[1],"__proto__":[1]}}'), one([null]), /^the model has no input '__proto__'/],
    [{ inputs: { x: [[1, 2], [3]] } }, one([null, null]), /^input 'x' is ragged: at \[1\] has 1 values, and the first list of axis 1 has 2\.$/],
    [{ inputs: { x: [[[1, 2], [3, 4]], [[5, 6], [7]]] } }, one([null, null, null]), /^input 'x' is ragged: at \[1\]\[1\] has 1 values/],
    [{ inputs: { x: [[1, 2, 3]] } }, one([null, 2]), /^input 'x' at \[0\] has 3 values; the model takes \[any,2\]\.$/],
    [{ inputs: { x: [[1], [2]] } }, one([1, null]), /^input 'x' has 2 values; the model takes \[1,any\]\.$/],
    [{ inputs: { x: [1, 2] } }, one([null, null]), /^input 'x' at \[0\] is no list; the model takes 2 lists inside one another: \[any,any\]\.$/],
    [{ inputs: { x: 1 } }, one([null]), /^input 'x' is no list/],
    [{ inputs: { x: [[[1]]] } }, one([null, null]), /^input 'x' at \[0\]\[0\] is a list, not a number\.$/],
    [{ inputs: { x: [[1, 2], [3, 'a']] } }, one([null, 2]), /^input 'x' at \[1\]\[1\] is the text "a", not a number\.$/],
    [{ inputs: { x: [1.5] } }, one([null], 'int64'), /^input 'x' at \[0\] is 1\.5, not a whole number\.$/]
  ]
  for (const [value, signature, message] of mistakes) {
    await t.rejects(itemFromJson(value, 'the input', signature), { code: 'SRV_TENSOR_UNUSABLE', statusCode: 422, message }, String(message))
  }
})

t.test('a long list that promises more than there is takes no memory for it', async t => {
  const promising = [Array.from({ length: 2 ** 20 }, () => 0), ...Array.from({ length: 2 ** 20 }, () => [])]
  await t.rejects(itemFromJson({ inputs: { x: promising } }, 'the input', one([null, null])), { message: /^input 'x' is ragged: at \[1\] has 0 values, and the first list of axis 1 has 1048576/ })
})

t.test('a large input leaves the event loop free after some thousand values, however it is nested', async t => {
  const flat = Array.from({ length: 2 ** 18 }, () => 1)
  for (const [value, shape] of [[flat, [null]], [flat.map(value => [value]), [null, 1]], [[[flat]], [1, 1, null]]] as const) {
    t.ok(await turnsOf(() => itemFromJson({ inputs: { x: value } }, 'the input', one([...shape]))) >= 15, `[${shape.join()}]`)
  }
})

t.test('an example is of zeros, with ones for a mask, and one for each axis of any length', async t => {
  t.same(exampleOf(tokensSignature), {
    feeds: {
      tokens: { dtype: 'int64', shape: [1, 3], data: new BigInt64Array(3) }, attention_mask: { dtype: 'float32', shape: [1, 3], data: Float32Array.of(1, 1, 1) }
    }
  })
  t.same(exampleOf(one([null], 'string')).feeds, { x: { dtype: 'string', shape: [1], data: [''] } })
  t.same(exampleOf({ inputs: [{ name: 'mask', dtype: 'bool', shape: [null] }], outputs: [] }).feeds, { mask: { dtype: 'bool', shape: [1], data: Uint8Array.of(1) } })
  const shapeOf = (shape: TensorSpec['shape']) => exampleOf(one(shape)).feeds['x']?.shape
  t.same(shapeOf([null, 3, null, null]), [1, 3, 64, 64], 'a picture of any size has one that a network can halve several times')
  t.same(shapeOf([null, null, null, 3]), [1, 64, 64, 3])
  t.same(shapeOf([null, null, null, null]), [1, 3, 64, 64])
})

t.test('a shape is told with its free axes', async t => {
  t.equal(shapeText([null, 3]), '[any,3]')
})
