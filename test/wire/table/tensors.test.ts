import t from 'tap'
import type { TableInput } from '../../../lib/modalities/table/input.ts'
import type { GivenTensor } from '../../../wire/open-inference/question.ts'
import { rowsOfTensors, rowTensors } from '../../../wire/table/tensors.ts'

const INPUT: TableInput = {
  kind: 'table', tensor: 'X', features: [{ name: 'age', type: 'int64', example: 30 }, { name: 'height', optional: true, example: 1.5 }, { name: 'town', type: 'string', example: 'Rome' }, { name: 'member', type: 'bool', example: true }]
}

const COLUMNS: GivenTensor[] = [
  { name: 'town', datatype: 'BYTES', shape: [2, 1], values: [['Rome'], ['Oslo']] },
  { name: 'age', datatype: 'INT64', shape: [2], values: [30, 40n] },
  { name: 'height', datatype: 'FP32', shape: [2], values: [1.5, null] },
  { name: 'member', datatype: 'BOOL', shape: [2, 1], bytes: Uint8Array.of(1, 0) }
]

t.test('columns become rows in the order of the features; NaN is a missing value', async t => {
  t.same(await rowsOfTensors(COLUMNS, INPUT, 10), [[30, 1.5, 'Rome', true], [40, null, 'Oslo', false]])
  t.same(await rowsOfTensors(COLUMNS.filter(({ name }) => name !== 'height'), INPUT, 10), [[30, null, 'Rome', true], [40, null, 'Oslo', false]], 'an optional column may be left out')
  t.same(await rowsOfTensors(rowTensors(INPUT), INPUT, 10), [[30, 1.5, 'Rome', true]], 'the example is a row')
  t.equal(await rowsOfTensors([{ name: 'X', datatype: 'FP32', shape: [1, 4], values: [1, 2, 3, 4] }], INPUT, 10), null, 'another tensor is no column')
  t.equal(await rowsOfTensors([], INPUT, 10), null)
})

t.test('missing, unknown and wrong columns are named', async t => {
  const refused = async (columns: GivenTensor[], message: RegExp, limit = 10) => { await t.rejects(rowsOfTensors(columns, INPUT, limit), { message }, String(message)) }
  const [town, age, ...rest] = COLUMNS
  await refused([town!, ...rest], /^row 1 lacks 'age'; the model takes 'age', 'height', 'town', 'member'/)
  await refused([...COLUMNS, { ...town!, name: 'hat' }], /unknown feature 'hat'/)
  await refused([town!, { ...age!, datatype: 'FP64', values: [30.5, 1] }, ...rest], /row 1: 'age' is 30\.5, not a whole number/)
  await refused([town!, { ...age!, values: [2n ** 60n, 1] }, ...rest], /'age' is .*, which JSON cannot hold exactly/)
  await refused([town!, { ...age!, shape: [3] }, ...rest], /input 'age' has 3 rows, and input 'town' has 2/)
  await refused([town!, { ...age!, shape: [1, 2] }, ...rest], /input 'age' is \[1,2\]; a column of a table is \[n\] or \[n, 1\]/)
  await refused([{ ...town!, shape: [0] }], /input 'town' is \[0\]/)
  await refused(COLUMNS, /more than 1 inputs/, 1)
})
