import t from 'tap'
import { columnsOf, exampleOf, faultOf, tensorsOf } from '../../../../lib/modalities/table/columns.ts'
import type { Feature, TableInput } from '../../../../lib/modalities/table/input.ts'
import { patients, patientsSignature } from '../../../fixtures/columns.ts'
import { twoFeatures } from '../../../fixtures/model.ts'

const table = (...features: Feature[]): TableInput => ({ kind: 'table', tensor: 'x', features })

t.test('a column has the tensor and the type of the input, or its own', async t => {
  const input: TableInput = { ...table({ name: 'a' }, { name: 'b', tensor: 'y', type: 'string', values: ['c'] }), type: 'int32' }
  t.match(columnsOf(input), [{ tensor: 'x', type: 'int32', family: 'integer', known: null }, { tensor: 'y', type: 'string', family: 'string', known: new Set(['c']) }])
  t.match(columnsOf(table({ name: 'a' })), [{ type: 'float32', family: 'float' }], 'float32 if nothing says more')
  t.equal(columnsOf(input), columnsOf(input), 'they are made once')
})

t.test('features of the same tensor are its columns, wherever they stand', async t => {
  const input = table({ name: 'a' }, { name: 'b', tensor: 'y', type: 'int64' }, { name: 'c' })
  t.same(tensorsOf(input), [
    { spec: { name: 'x', dtype: 'float32', shape: [null, 2] }, places: [0, 2] }, { spec: { name: 'y', dtype: 'int64', shape: [null, 1] }, places: [1] }
  ])
})

t.test('a tensor of one column has as many axes as the model declares', async t => {
  t.same(tensorsOf(patients, patientsSignature).map(({ spec }) => spec), patientsSignature.inputs)
  t.same(tensorsOf(twoFeatures, { inputs: [{ name: 'x', dtype: 'float32', shape: [null] }], outputs: [] })[0]?.spec.shape, [null, 2], 'two columns need an axis')
})

t.test('an example is the one of the card, or the middle of the range, or the first known value', async t => {
  t.same(exampleOf(patients), [40, 0, 2, false, 'Paris', 75])
  t.same(exampleOf(table({ name: 'a', min: 3 }, { name: 'b', max: -1 }, { name: 'c', min: 0.1, max: 0.2 }, { name: 'd', type: 'string' })), [3, -1, 0.15, ''])
})

t.test('a card whose columns contradict one another is refused, naming the column', async t => {
  t.equal(faultOf(patients), null)
  t.equal(faultOf(table({ name: 'a', values: [1, 2], example: 3, others: true })), null)
  const wrong: Array<[TableInput, RegExp]> = [
    [{ kind: 'table', features: [{ name: 'a', tensor: 'x' }, { name: 'b' }] }, /^\/input\/features\/1: 'b': 'tensor' is missing/],
    [table({ name: 'a' }, { name: 'a' }), /^\/input\/features\/1: 'a': another feature has the same name$/],
    [table({ name: 'a' }, { name: 'b', type: 'int64' }), /its type is int64, but the tensor 'x' is float32$/],
    [table({ name: 'a', type: 'int64', optional: true }), /'optional' needs a float type, and int64 has no NaN/],
    [table({ name: 'a', type: 'string', min: 0 }), /'min' and 'max' are for numbers, and the type is string/],
    [table({ name: 'a', min: 2, max: 1 }), /'min' 2 is larger than 'max' 1/],
    [table({ name: 'a', others: true }), /'others' needs 'values'/],
    [table({ name: 'a', type: 'string', values: ['b', 3] }), /the value 3 in 'values' is not a string/],
    [table({ name: 'a', type: 'int8', values: [1.5] }), /the value 1\.5 in 'values' is not a int8/],
    [table({ name: 'a', example: 'b' }), /'example' "b" is not a float32/],
    [table({ name: 'a', type: 'bool', example: 1 }), /'example' 1 is not a bool/],
    [table({ name: 'a', type: 'string', values: ['b'], example: 'c' }), /'example' "c" is not in 'values'/]
  ]
  for (const [input, message] of wrong) t.match(faultOf(input), message, String(message))
})
