import t from 'tap'
import type { TableInput } from '../../../../lib/modalities/table/input.ts'
import { isPlainRow, rowFromFields, rowFromJson } from '../../../../lib/modalities/table/values.ts'
import { PATIENT, patients } from '../../../fixtures/columns.ts'

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
    t.notOk(isPlainRow(value, input), JSON.stringify(value))
  }
  t.ok(isPlainRow([1, -3.5], input))
  t.notOk(isPlainRow([NaN, 1], input))
  t.notOk(isPlainRow(PATIENT, patients), 'a row with texts is no list of numbers')
  t.same(rowFromJson({ height: 2, width: 1 }, 'row', input), [1, 2])
})

t.test('an object with inherited names has no such features', async t => {
  t.throws(() => rowFromJson(JSON.parse('{"__proto__":1,"width":1,"height":2}'), 'row', input), { message: /unknown feature '__proto__'/ })
})

t.test('a value is of the type of its column, and none is converted', async t => {
  t.same(rowFromJson(PATIENT, 'row', patients), PATIENT)
  t.same(rowFromJson(Object.fromEntries(patients.features.map(({ name }, at) => [name, PATIENT[at]])), 'row', patients), PATIENT)
  const row: unknown[] = PATIENT
  const mistakes: Array<[number, unknown, RegExp]> = [
    [2, 2.5, /^row: 'visits' is 2\.5, not a whole number\.$/],
    [2, '3', /'visits' is the text "3", not a whole number/],
    [2, 2 ** 53, /'visits' is 9007199254740992, which JSON cannot hold exactly/],
    [3, 1, /'is_member' is the number 1, not true or false/],
    [3, 'true', /'is_member' is the text "true", not true or false/],
    [4, 3, /'city' is the number 3, not a text/],
    [4, null, /'city' is null, not a text/],
    [4, 'Rome', /'city' is the text "Rome"; the model knows "Paris", "New York", " Rome"\./],
    [5, 'x', /'weight' is the text "x", not a number/],
    [5, Infinity, /'weight' is Infinity, which a float64 cannot hold/]
  ]
  for (const [at, value, message] of mistakes) t.throws(() => rowFromJson(row.with(at, value), 'row', patients), { code: 'SRV_ROW_UNUSABLE', message }, String(message))
})

t.test('a number fits into the type of its column', async t => {
  const column = (type: NonNullable<TableInput['type']>): TableInput => ({ kind: 'table', tensor: 'x', type, features: [{ name: 'a' }] })
  for (const [type, fits, fails] of [['uint8', 255, 256], ['int8', -128, -129], ['uint32', 0, -1], ['int32', 2 ** 31 - 1, 2 ** 31], ['uint64', 2 ** 53 - 1, -1], ['float16', 65504, 65505], ['float64', 1e300, Infinity]] as const) {
    t.same(rowFromJson([fits], 'row', column(type)), [fits], type)
    t.throws(() => rowFromJson([fails], 'row', column(type)), { message: /which .* cannot hold/ }, `${type} ${fails}`)
  }
})

t.test('only what the card calls optional may be missing: null, or no key at all', async t => {
  const row = { 'age / years': 1, visits: 2, is_member: false, city: 'Paris', weight: 3 }
  t.same(rowFromJson(row, 'row', patients), [1, null, 2, false, 'Paris', 3])
  t.same(rowFromJson({ ...row, iron: null }, 'row', patients), [1, null, 2, false, 'Paris', 3])
  t.same(rowFromJson([1, null, 2, false, 'Paris', 3], 'row', patients), [1, null, 2, false, 'Paris', 3])
  t.throws(() => rowFromJson({ ...row, weight: null }, 'row', patients), { message: "row: 'weight' is null, not a number." })
  t.throws(() => rowFromJson({ visits: 2, city: 'Paris' }, 'row', patients), { message: /^row lacks 'age \/ years', 'is_member', 'weight'; the model takes/ }, 'all are named at once')
  t.throws(() => rowFromJson({ ...row, x: 1, y: 2 }, 'row', patients), { message: /^row has the unknown features 'x', 'y'; the model takes/ })
})

t.test('a value that is not listed is taken only if the card says that others are', async t => {
  const open: TableInput = { kind: 'table', tensor: 'x', type: 'string', features: [{ name: 'city', values: ['Paris'], others: true }] }
  t.same(rowFromJson(['Rome'], 'row', open), ['Rome'])
  const coded: TableInput = { kind: 'table', tensor: 'x', type: 'int64', features: [{ name: 'code', values: Array.from({ length: 30 }, (_, at) => at) }] }
  t.throws(() => rowFromJson([30], 'row', coded), { message: "row: 'code' is 30; the model knows 0, 1, 2, 3, 4, 5, 6, 7, 8, 9 and 20 more." })
})

t.test('what a client sends makes no message and no tensor of any size', async t => {
  const words: TableInput = { kind: 'table', tensor: 'x', type: 'string', features: [{ name: 'word' }] }
  t.same(rowFromJson(['a'.repeat(10_000)], 'row', words), ['a'.repeat(10_000)])
  t.throws(() => rowFromJson(['a'.repeat(10_001)], 'row', words), { message: "row: 'word' has 10001 characters, over the limit of 10000." })
  const many = Object.fromEntries(Array.from({ length: 1000 }, (_, at) => [`${at}`.padStart(1000, 'x'), 1]))
  t.throws(() => rowFromJson(many, 'row', words), { message: /^row has the unknown features (?:'x{40}', ){49}'x{40}' and 950 more; the model takes 'word'\.$/ })
  t.throws(() => rowFromJson([1], 'row', { ...words, features: Array.from({ length: 200 }, (_, at) => ({ name: `f${at}` })) }), { message: /'f49' and 150 more\.$/ })
})

t.test('a form is text, which the type of the column explains', async t => {
  const fields = (change: Record<string, string> = {}) => new Map(Object.entries({ 'age / years': '40', iron: '', visits: '3.0', is_member: 'True', city: 'New York', weight: ' 70.25 ', ...change }))
  t.same(rowFromFields(fields(), 'the form', patients), [40, null, 3, true, 'New York', 70.25])
  t.same(rowFromFields(fields({ is_member: '0', city: 'Paris ' }), 'the form', patients).slice(3, 5), [false, 'Paris'], 'blanks around a known word do not matter')
  t.same(rowFromFields(fields({ city: ' Rome' }), 'the form', patients)[4], ' Rome', 'if they are not part of it')
  for (const [change, message] of [
    [{ visits: '' }, /^the form: 'visits' is empty, not a whole number\.$/],
    [{ visits: '2.5' }, /'visits' is 2\.5, not a whole number/],
    [{ is_member: 'yes' }, /'is_member' is the text "yes", not true or false/],
    [{ city: ' ' }, /'city' is empty, not a text/],
    [{ weight: '0x10' }, /'weight' is the text "0x10", not a number/]
  ] as Array<[Record<string, string>, RegExp]>) t.throws(() => rowFromFields(fields(change), 'the form', patients), { statusCode: 422, message }, String(message))
})

t.test('a field without a name is unknown, as any other', async t => {
  t.throws(() => rowFromFields(new Map([['', '1'], ['width', '1'], ['height', '2']]), 'the form', input), { message: /^the form has an unknown feature ''; / })
})
