import t from 'tap'
import { rowsFromCsv, toCsv } from '../../../../lib/modalities/table/csv.ts'
import type { TableInput } from '../../../../lib/modalities/table/input.ts'

const range = { min: 0, max: 1, example: 0.5 }
const input: TableInput = { kind: 'table', tensor: 'X', type: 'float32', features: [{ name: 'width', ...range }, { name: 'height', ...range }] }

t.test('CSV without a header is the features in order', async t => {
  t.same(rowsFromCsv('1,2\n3,4', input).rows, [[1, 2], [3, 4]])
  t.same(rowsFromCsv('1;2\r\n3;4\r\n', input).rows, [[1, 2], [3, 4]], 'semicolons and CRLF')
})

t.test('CSV with a header is read by name, in any order, among other columns', async t => {
  const table = rowsFromCsv('\ufeffname,height, width\n"a, b",2,1\n\nc,4,3e0\n', input)
  t.same(table.rows, [[1, 2], [3, 4]])
  t.same(table.header, ['name', 'height', 'width'])
  t.same(table.records, [['a, b', '2', '1'], ['c', '4', '3e0']])
})

t.test('CSV mistakes name the row', async t => {
  t.throws(() => rowsFromCsv('width,height\n1,x', input), { statusCode: 422, message: 'row 1: \'height\' is the text "x", not a number.' })
  t.throws(() => rowsFromCsv('width,height\n1,2\n3', input), { message: 'row 2 has 1 values; the header has 2.' })
  t.throws(() => rowsFromCsv('width,height\n1,2,3', input), { message: 'row 1 has 3 values; the header has 2.' })
  t.throws(() => rowsFromCsv('width,height\n1,', input), { message: "row 1: 'height' is empty, not a number." })
  t.throws(() => rowsFromCsv('width,height,width\n1,2,3', input), { message: /'width' twice/ })
  t.throws(() => rowsFromCsv('1,nan\n3,4', input), { message: 'row 1: \'height\' is the text "nan", not a number.' }, 'a typo does not make a header')
  t.throws(() => rowsFromCsv('width,depth\n1,2', input), { message: /header lacks 'height'/ })
  t.throws(() => rowsFromCsv('1,2\n1,2,3', input), { message: /row 2 has 3 values/ })
  t.throws(() => rowsFromCsv('width,height\n"1,2', input), { statusCode: 400, message: /malformed/ })
  t.throws(() => rowsFromCsv('width,height\n0x10,2', input), { message: /"0x10"/ })
})

t.test('CSV goes back as it came, with columns appended', async t => {
  const table = rowsFromCsv('name,height,width\n"a, b",2,1\n', input)
  t.equal(toCsv(table, ['size', 'probability'], [['large'], [0.5]]), 'name,height,width,size,probability\n"a, b",2,1,large,0.5\n')
  t.equal(toCsv(rowsFromCsv('width;height\n1;2\n', input), ['size'], [['small']]), 'width;height;size\n1;2;small\n')
  t.equal(toCsv(rowsFromCsv('1,2', input), ['size'], [['small']]), '1,2,small\n')
})
