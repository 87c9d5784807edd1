import t from 'tap'
import type { Contract } from '../../../lib/card/contract.ts'
import { checkOutputs } from '../../../lib/output/signature.ts'
import type { TensorSpec } from '../../../lib/tensor.ts'

const outputs: TensorSpec[] = [
  { name: 'scores', dtype: 'float32', shape: [null, 3] }, { name: 'one', dtype: 'float64', shape: [null, 1] }, { name: 'flat', dtype: 'float16', shape: [null] },
  // As LightGBM's exporter declares the labels of any number of rows.
  { name: 'label', dtype: 'int64', shape: [1] }, { name: 'words', dtype: 'string', shape: [null] }, { name: 'counts', dtype: 'int64', shape: [null, 1] }
]
const three = ['a', 'b', 'c']
type Part = Pick<Contract, 'output' | 'labels'>

t.test('outputs that fit their kind are taken, whatever the exporter declares of the batch', async t => {
  const right: Part[] = [
    { output: { kind: 'classes', tensor: 'scores', activation: 'none', label: 'label', classes: [0, 1, 2] }, labels: three },
    { output: { kind: 'labels', tensor: 'scores', activation: 'none' }, labels: three },
    { output: { kind: 'binary', tensor: 'one', activation: 'none' }, labels: ['a', 'b'] },
    { output: { kind: 'binary', tensor: 'flat', activation: 'sigmoid' }, labels: ['a', 'b'] },
    { output: { kind: 'label', label: 'words' }, labels: [] },
    { output: { kind: 'value', tensor: 'counts' }, labels: [] },
    { output: { kind: 'value', tensor: 'flat' }, labels: [] },
    { output: { kind: 'tensors' }, labels: [] }
  ]
  for (const part of right) t.doesNotThrow(() => checkOutputs(outputs, part), part.output.kind)
})

t.test('outputs that do not fit are refused, naming the tensor or the field', async t => {
  const wrong: Array<[Part, RegExp]> = [
    [{ output: { kind: 'value', tensor: 'y' }, labels: [] }, /^has no output 'y'; its outputs are scores, one, flat, label, words, counts$/],
    [{ output: { kind: 'classes', tensor: 'scores', activation: 'none', label: 'z' }, labels: three }, /^has no output 'z'/],
    [{ output: { kind: 'classes', tensor: 'scores', activation: 'none' }, labels: ['a', 'b'] }, /^output 'scores' has 3 classes, the card 2 labels$/],
    [{ output: { kind: 'labels', tensor: 'scores', activation: 'none' }, labels: ['a'] }, /^output 'scores' has 3 classes, the card 1 labels$/],
    [{ output: { kind: 'classes', tensor: 'scores', activation: 'none' }, labels: [] }, /'classes' needs labels/],
    [{ output: { kind: 'binary', tensor: 'one', activation: 'none' }, labels: three }, /'binary' has two labels, the card 3$/],
    [{ output: { kind: 'binary', tensor: 'scores', activation: 'none' }, labels: ['a', 'b'] }, /^output 'scores' has 3 numbers for each input; .*'binary' has one$/],
    [{ output: { kind: 'value', tensor: 'scores' }, labels: [] }, /^output 'scores' has 3 numbers for each input/],
    [{ output: { kind: 'value', tensor: 'words' }, labels: [] }, /^output 'words' is string, which is no number$/],
    [{ output: { kind: 'value', tensor: 'one' }, labels: three }, /^the card has 3 labels, but .*'value' has none; leave them out$/],
    [{ output: { kind: 'tensors' }, labels: three }, /'tensors' has none/],
    [{ output: { kind: 'classes', tensor: 'counts', activation: 'none' }, labels: three }, /^output 'counts' is int64; .* float32 or float64 or float16$/],
    [{ output: { kind: 'label', label: 'label', classes: [0, 1] }, labels: three }, /^the card has 2 classes in its output and 3 labels/]
  ]
  for (const [part, message] of wrong) t.throws(() => checkOutputs(outputs, part), { message })
})
