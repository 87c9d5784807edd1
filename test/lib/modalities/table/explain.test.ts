import t from 'tap'
import { effectsOf, STEPS, variations } from '../../../../lib/modalities/table/explain.ts'
import type { TableInput } from '../../../../lib/modalities/table/input.ts'

const input: TableInput = {
  kind: 'table',
  tensor: 'rows',
  type: 'float32',
  features: [{ name: 'height', min: 0, max: 10, example: 1 }, { name: 'weight', min: -1, max: 1, example: 0 }]
}

t.test('one feature after the other goes over its range, the others stay', t => {
  const rows = variations([42, 0.5], input)
  t.equal(rows.length, 2 * STEPS)
  t.same(rows.slice(0, 3), [[0, 0.5], [1, 0.5], [2, 0.5]])
  t.same(rows[STEPS - 1], [10, 0.5])
  t.same(rows.slice(STEPS, STEPS + 3), [[42, -1], [42, -0.8], [42, -0.6]])
  t.end()
})

t.test('a feature that changes nothing has no importance; one that does has what it adds to its mean', t => {
  // A model whose probability is a tenth of the height.
  const probabilities = variations([8, 0], input).map(([height]) => height! / 10)
  t.match(effectsOf([8, 0], input, probabilities, 0.8), [
    { name: 'height', value: 8, importance: 0.3, curve: [{ value: 0, probability: 0 }, { value: 1, probability: 0.1 }] },
    { name: 'weight', value: 0, importance: 0 }
  ])
  t.end()
})
