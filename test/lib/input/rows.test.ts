import t from 'tap'
import { rowFromJson, rowsFromCsv, toCsv } from '../../../lib/input/rows.ts'
import type { TableInput } from '../../../lib/model/card.ts'

const range = { min: 0, max: 1, example: 0.5 }
const input: TableInput = { kind: 'table', tensor: 'X', type: 'float32', features: [{ name: 'width', ...range }, { name: 'height', ...range }] }

t.test('JSON rows: every mistake names the row, the feature and what to send', async t => {
  const mistakes: Array<[unknown, RegExp]> = [
    [[1], /^row 3 has 1 values; the model takes 2: 'width', 'height'\.$/],
    [[1, 2, 3], /has 3 values/],
    [['1', 2], /^row 3: 'width' is the text "1", not a number\.$/],
    [[1, null], /'height' is null, not a number/],
    [[true, 1], /'width' is the boolean true, not a number/],
    [[[1], 1], /'width' is a list, not a number/],
    [[1, 1e39], /'height' is 1e\+39, which a float32 cannot hold/],
    [{ width: 1 }, /^row 3 lacks 'height'; the model takes 'width', 'height'\.$/],
    [{ width: 1, height: 1, depth: 1 }, /unknown feature 'depth'/],
    [5, /^row 3 is the number 5; send a list of 2 numbers, or an object with 'width', 'height'\.$/],
    ['1,2', /is the text "1,2"/]
  ]
  for (const [value, message] of mistakes) {
    t.throws(() => rowFromJson(value, 'row 3', input), { code: 'SRV_ROW_UNUSABLE', statusCode: 422, message }, JSON.stringify(value))
  }
  t.same(rowFromJson({ height: 2, width: 1 }, 'row', input), [1, 2])
})

t.test('an object with inherited names has no such features', async t => {
  t.throws(() => rowFromJson(JSON.parse('{"__proto__":1,"width":1,"height":2}'), 'row', input), { message: /unknown feature '__proto__'/ })
})

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
