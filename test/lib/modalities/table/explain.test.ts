import t from 'tap'
import { effectsOf, STEPS, variations, variationsOf } from '../../../../lib/modalities/table/explain.ts'
import type { TableInput } from '../../../../lib/modalities/table/input.ts'
import { PATIENT, patients } from '../../../fixtures/columns.ts'

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
  const probabilities = variations([8, 0], input).map(([height]) => Number(height) / 10)
  t.match(effectsOf([8, 0], input, probabilities, 0.8), [
    { name: 'height', value: 8, importance: 0.3, curve: [{ value: 0, probability: 0 }, { value: 1, probability: 0.1 }] },
    { name: 'weight', value: 0, importance: 0 }
  ])
  t.end()
})

t.test('known values and truth values are all tried, whole numbers stay whole, and what has no range stays as it is', t => {
  t.equal(variationsOf(patients), STEPS + 6 + 2 + 3 + STEPS)
  const rows = variations(PATIENT, patients)
  t.equal(rows.length, variationsOf(patients))
  t.same(rows.slice(STEPS, STEPS + 6).map(row => row[2]), [0, 1, 2, 3, 4, 5])
  t.same(rows.slice(STEPS + 6, STEPS + 11).map(row => [row[3], row[4]]), [[false, 'New York'], [true, 'New York'], [true, 'Paris'], [true, 'New York'], [true, ' Rome']])
  t.ok(rows.every(row => row[1] === 1.5), 'iron has no range')
  // A model of which the city alone decides.
  const effects = effectsOf([40, NaN, 3, true, 'New York', 70], patients, rows.map(([, , , , city]) => city === 'New York' ? 0.9 : 0.3), 0.9)
  t.same(effects.map(({ name, value, importance }) => [name, value, importance]), [
    ['age / years', 40, 0], ['visits', 3, 0], ['is_member', true, 0], ['city', 'New York', 0.4], ['weight', 70, 0]
  ])
  t.same(effects[3]?.curve, [{ value: 'Paris', probability: 0.3 }, { value: 'New York', probability: 0.9 }, { value: ' Rome', probability: 0.3 }])
  t.end()
})

t.test('a missing value of a feature with a range is told as missing', t => {
  const input: TableInput = { kind: 'table', tensor: 'x', features: [{ name: 'a', min: 0, max: 1, optional: true }] }
  t.match(effectsOf([NaN], input, variations([NaN], input).map(() => 0.5), 0.5), [{ name: 'a', value: null, importance: 0 }])
  t.end()
})

t.test('of very many known values, the first are tried', t => {
  const input: TableInput = { kind: 'table', tensor: 'x', type: 'int64', features: [{ name: 'code', values: Array.from({ length: 1000 }, (_, at) => at) }, { name: 'free' }] }
  t.equal(variationsOf(input), 32)
  t.end()
})
