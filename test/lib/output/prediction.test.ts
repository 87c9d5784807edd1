import t from 'tap'
import type { Output } from '../../../lib/card/output.ts'
import { hasNumber, hasProbabilities, outputsOf } from '../../../lib/output/prediction.ts'

const all: Array<[output: Output, outputs: string[] | undefined, hasProbabilities: boolean, hasNumber: boolean]> = [
  [{ kind: 'classes', tensor: 'y', activation: 'none' }, ['y'], true, true],
  [{ kind: 'classes', tensor: 'y', activation: 'softmax', label: 'z' }, ['y', 'z'], true, true],
  [{ kind: 'binary', tensor: 'y', activation: 'sigmoid' }, ['y'], true, true],
  [{ kind: 'labels', tensor: 'y', activation: 'none' }, ['y'], true, true],
  [{ kind: 'label', label: 'z' }, ['z'], false, false],
  [{ kind: 'value', tensor: 'y' }, ['y'], false, true],
  [{ kind: 'tensors' }, undefined, false, false]
]

t.test('each kind of answer needs its own outputs, and has probabilities or a number or neither', async t => {
  for (const [output, outputs, probabilities, number] of all) {
    t.same(outputsOf(output), outputs, output.kind)
    t.equal(hasProbabilities(output), probabilities, output.kind)
    t.equal(hasNumber(output), number, output.kind)
  }
})
