import t from 'tap'
import { lengthsOf, numberOf, ownLabelOf, scoresOf } from '../../../lib/output/rows.ts'
import type { Tensor, Tensors } from '../../../lib/tensor.ts'
import { echoCard } from '../../fixtures/model.ts'

const outputs: Tensors = { other: { dtype: 'float32', shape: [2], data: Float32Array.of(8, 9) }, y: { dtype: 'float32', shape: [2, 2], data: Float32Array.of(0.75, 0.25, 1, 2) } }

t.test('the scores of an input are its own row of the output', async t => {
  t.same(scoresOf({ outputs, at: 0 }, 'y', 2), Float32Array.of(0.75, 0.25))
  t.same(scoresOf({ outputs, at: 1 }, 'y', 2), Float32Array.of(1, 2))
})

t.test('scores of 64 bits keep their digits, and those of 16 bits are widened', async t => {
  t.same(scoresOf({ outputs: { y: { dtype: 'float64', shape: [2, 1], data: Float64Array.of(0.1, 1 / 3) } }, at: 1 }, 'y', 1), Float64Array.of(1 / 3))
  // 0x3800 is 0.5, 0xc000 is -2.
  t.same(scoresOf({ outputs: { y: { dtype: 'float16', shape: [2, 2], data: Uint16Array.of(0, 0, 0x3800, 0xc000) } }, at: 1 }, 'y', 2), Float32Array.of(0.5, -2))
})

t.test('the output of a single input may lack the batch axis', async t => {
  t.same(scoresOf({ outputs: { y: { dtype: 'float32', shape: [3], data: Float32Array.of(1, 2, 3) } }, at: 0 }, 'y', 3), Float32Array.of(1, 2, 3))
  t.equal(numberOf({ outputs: { y: { dtype: 'float32', shape: [], data: Float32Array.of(7) } }, at: 0 }, 'y'), 7)
})

t.test('an output of another type or shape is refused, naming it', async t => {
  const wrong: Array<[Tensors, number, string]> = [
    [{}, 0, "there is no output 'y'"],
    [{ y: { dtype: 'int64', shape: [1, 2], data: BigInt64Array.of(1n, 2n) } }, 0, "output 'y' is int64 [1,2], not floats of [batch,2]"],
    [outputs, 2, "output 'y' is float32 [2,2], not floats of [batch,2]"],
    // Scores with the labels along the first axis belong to no input.
    [{ y: { dtype: 'float32', shape: [2, 1], data: Float32Array.of(1, 2) } }, 0, "output 'y' is float32 [2,1], not floats of [batch,2]"],
    [{ y: { dtype: 'float32', shape: [2], data: Float32Array.of(1, 2) } }, 1, "output 'y' is float32 [2], not floats of [batch,2]"]
  ]
  for (const [outputs, at, message] of wrong) t.throws(() => scoresOf({ outputs, at }, 'y', 2), { message })
})

t.test('a number may have any numeric type, in one axis or two', async t => {
  const numbers: Array<[Tensor, number]> = [
    [{ dtype: 'float32', shape: [2, 1], data: Float32Array.of(0, 3.2) }, 3.2],
    [{ dtype: 'float64', shape: [2], data: Float64Array.of(0, 3.2000000476837) }, 3.2000000476837],
    [{ dtype: 'int64', shape: [2, 1], data: BigInt64Array.of(0n, -5n) }, -5],
    [{ dtype: 'uint8', shape: [2], data: Uint8Array.of(0, 5) }, 5],
    [{ dtype: 'float16', shape: [2], data: Uint16Array.of(0, 0x3e00) }, 1.5]
  ]
  for (const [y, value] of numbers) t.equal(numberOf({ outputs: { y }, at: 1 }, 'y'), value, y.dtype)
  for (const y of [
    { dtype: 'float32', shape: [2, 2], data: new Float32Array(4) }, { dtype: 'string', shape: [2], data: ['1', '2'] }, { dtype: 'bool', shape: [2], data: new Uint8Array(2) }
  ] satisfies Tensor[]) t.throws(() => numberOf({ outputs: { y }, at: 1 }, 'y'), { message: /^output 'y' is .*, not numbers of \[batch,1\] or \[batch\]$/ })
})

t.test("a model's own label is found among the labels, whatever its type is", async t => {
  const own = (z: Tensor, labels: string[], classes?: Array<string | number | boolean>) => ownLabelOf({ outputs: { z }, at: 1 }, 'z', classes, { ...echoCard, labels })
  const int64: Tensor = { dtype: 'int64', shape: [2], data: BigInt64Array.of(1n, -1n) }
  t.same(own(int64, ['bad', 'good'], [-1, 1]), { label: 'bad', index: 0 }, 'by the classes of the card')
  t.same(own(int64, ['1', '-1']), { label: '-1', index: 1 }, 'by its text')
  t.same(own(int64, []), { label: '-1', index: null }, 'and if no labels are known, it is its own')
  t.same(own({ dtype: 'int32', shape: [2, 1], data: Int32Array.of(0, 2) }, ['a', 'b', 'c'], [0, 1, 2]), { label: 'c', index: 2 })
  t.same(own({ dtype: 'string', shape: [2], data: ['high', 'low'] }, ['low', 'high']), { label: 'low', index: 0 })
  t.same(own({ dtype: 'string', shape: [2], data: ['b', 'a'] }, ['Apple', 'Banana'], ['a', 'b']), { label: 'Apple', index: 0 })
  t.same(own({ dtype: 'float32', shape: [2], data: Float32Array.of(1, 0.1) }, ['a', 'b'], [0.1, 1]), { label: 'a', index: 0 })
  for (const classes of [undefined, [false, true]]) t.same(own({ dtype: 'bool', shape: [2], data: Uint8Array.of(0, 1) }, ['False', 'True'], classes), { label: 'True', index: 1 })
  t.same(own({ dtype: 'bool', shape: [2], data: Uint8Array.of(0, 1) }, []), { label: 'true', index: null })
})

t.test('a label that the card does not have is refused, with the field that would settle it', async t => {
  const outputs: Tensors = { z: { dtype: 'int64', shape: [1], data: BigInt64Array.of(7n) } }
  t.throws(() => ownLabelOf({ outputs, at: 0 }, 'z', undefined, echoCard), { code: 'SRV_TENSOR_UNUSABLE', statusCode: 422, message: /^output 'z' has the label 7, which is not in the card; .*"classes"/ })
  t.throws(() => ownLabelOf({ outputs: { z: { dtype: 'int64', shape: [1, 3], data: BigInt64Array.of(0n, 1n, 0n) } }, at: 0 }, 'z', undefined, echoCard), {
    message: "output 'z' is int64 [1,3], not labels of [batch] or [batch,1]"
  })
})

t.test('an input has as many elements in an output as the kind of answer says', async t => {
  const labels = ['a', 'b', 'c']
  t.same(lengthsOf({ output: { kind: 'classes', tensor: 'y', activation: 'none', label: 'z' }, labels }), [['y', 3], ['z', 1]])
  t.same(lengthsOf({ output: { kind: 'labels', tensor: 'y', activation: 'none' }, labels }), [['y', 3]])
  t.same(lengthsOf({ output: { kind: 'binary', tensor: 'y', activation: 'none' }, labels: ['a', 'b'] }), [['y', 1]])
  t.same(lengthsOf({ output: { kind: 'value', tensor: 'y' }, labels: [] }), [['y', 1]])
  t.same(lengthsOf({ output: { kind: 'label', label: 'z' }, labels }), [['z', 1]])
  t.same(lengthsOf({ output: { kind: 'tensors' }, labels: [] }), [])
})
