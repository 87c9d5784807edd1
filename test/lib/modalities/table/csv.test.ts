import fc from 'fast-check'
import t from 'tap'
import { toCsv } from '../../../../lib/modalities/csv.ts'
import { columnFromCsv, rowsFromCsv as rowsFromBytes, type RowTable } from '../../../../lib/modalities/table/csv.ts'
import type { TableInput } from '../../../../lib/modalities/table/input.ts'
import { PATIENT, patients } from '../../../fixtures/columns.ts'
import { turnsOf } from '../../../turns.ts'

const range = { min: 0, max: 1, example: 0.5 }
const input: TableInput = { kind: 'table', tensor: 'X', type: 'float32', features: [{ name: 'width', ...range }, { name: 'height', ...range }] }

async function rowsFromCsv (text: string, input: TableInput, limit?: number): Promise<RowTable> {
  return await rowsFromBytes(Buffer.from(text), input, limit)
}

t.test('CSV without a header is the features in order', async t => {
  t.same((await rowsFromCsv('1,2\n3,4', input)).rows, [[1, 2], [3, 4]])
  t.same((await rowsFromCsv('1;2\r\n3;4\r\n', input)).rows, [[1, 2], [3, 4]], 'semicolons and CRLF')
})

t.test('CSV with a header is read by name, in any order, among other columns', async t => {
  const table = await rowsFromCsv('\ufeffname,height, width\n"a, b",2,1\n\nc,4,3e0\n', input)
  t.same(table.rows, [[1, 2], [3, 4]])
  t.same(table.header, ['name', 'height', 'width'])
  t.same(table.records, ['name,height, width', '"a, b",2,1', 'c,4,3e0'])
})

t.test('CSV mistakes name the row', async t => {
  await t.rejects(rowsFromCsv('width,height\n1,x', input), { statusCode: 422, message: 'row 1: \'height\' is the text "x", not a number.' })
  await t.rejects(rowsFromCsv('width,height\n1,2\n3', input), { message: 'row 2 has 1 values; the header has 2.' })
  await t.rejects(rowsFromCsv('width,height\n1,2,3', input), { message: 'row 1 has 3 values; the header has 2.' })
  await t.rejects(rowsFromCsv('width,height\n1,', input), { message: "row 1: 'height' is empty, not a number." })
  await t.rejects(rowsFromCsv('width,height,width\n1,2,3', input), { message: /'width' twice/ })
  await t.rejects(rowsFromCsv('1,nan\n3,4', input), { message: 'row 1: \'height\' is the text "nan", not a number.' }, 'a typo does not make a header')
  await t.rejects(rowsFromCsv('width,depth\n1,2', input), { message: /header lacks 'height'/ })
  await t.rejects(rowsFromCsv('1,2\n1,2,3', input), { message: /row 2 has 3 values/ })
  await t.rejects(rowsFromCsv('width,height\n"1,2', input), { statusCode: 400, message: /malformed/ })
  await t.rejects(rowsFromCsv('width,height\n0x10,2', input), { message: /"0x10"/ })
})

t.test('CSV goes back as it came, with columns appended', async t => {
  const table = await rowsFromCsv('name,height,width\n"a, b",2,1\n', input)
  t.equal(await toCsv(table, ['size', 'probability'], [['large'], [0.5]]), 'name,height,width,size,probability\n"a, b",2,1,large,0.5\n')
  t.equal(await toCsv(await rowsFromCsv('width;height\n1;2\n', input), ['size'], [['small']]), 'width;height;size\n1;2;small\n')
  t.equal(await toCsv(await rowsFromCsv('1,2', input), ['size'], [['small']]), '1,2,small\n')
})

t.test('what was text stays text: line endings inside quotes, the quotes themselves, and columns without a meaning', async t => {
  const text = 'note|width|height\r\n"two\r\nlines"|1|2\r\n"say ""hi"""|3|4'
  const table = await rowsFromCsv(text, input)
  t.same(table.rows, [[1, 2], [3, 4]])
  t.equal(await toCsv(table, ['size'], [['a|b', 'c"d']]), 'note|width|height|size\n"two\r\nlines"|1|2|"a|b"\n"say ""hi"""|3|4|"c""d"\n')
})

t.test('a spreadsheet may save it in UTF-16, which its byte order mark tells', async t => {
  const utf16 = Buffer.from('\ufeffwidth\theight\tnäme\n1\t2\té\n', 'utf16le')
  for (const file of [utf16, Buffer.from(utf16).swap16()]) {
    const table = await rowsFromBytes(file, input)
    t.same(table.rows, [[1, 2]])
    t.same(table.header, ['width', 'height', 'näme'])
  }
})

t.test('bytes that are no text in this encoding are malformed', async t => {
  await t.rejects(rowsFromBytes(Buffer.from('width,height,näme\n1,2,3\n', 'latin1'), input), { statusCode: 400, code: 'SRV_BODY_MALFORMED', message: 'The CSV is not UTF-8; save it in this encoding.' })
})

t.test('blank lines are no rows', async t => {
  t.same((await rowsFromCsv('\n\nwidth,height\n\n1,2\n , \n,\n3,4\n\n\n', input)).rows, [[1, 2], [3, 4]])
  t.same((await rowsFromCsv('\n'.repeat(1_000_000), input)).rows, [])
})

t.test('one column is read by any of its names', async t => {
  const file = Buffer.from('width,height,label\n1,2, wide \n3,4,high\n')
  t.same(await columnFromCsv(file, input, ['shape', 'label']), ['wide', 'high'])
  t.equal(await columnFromCsv(file, input, ['shape']), undefined)
})

t.test('whatever table a program writes is read back', async t => {
  const cell = fc.oneof(fc.string({ maxLength: 8 }), fc.constantFrom('"', '""', ',', ';', '\n', '\r\n', ' ', '😀')).map(text => text.replaceAll('\0', ''))
  const number = fc.float({ noNaN: true, noDefaultInfinity: true })
  const quote = (text: string) => `"${text.replaceAll('"', '""')}"`
  await t.resolves(fc.assert(fc.asyncProperty(fc.array(fc.tuple(cell, number, number), { minLength: 1, maxLength: 20 }), fc.constantFrom(',', ';', '\t', '|'), fc.constantFrom('\n', '\r\n'), async (records, delimiter, newline) => {
    const text = [['note', 'height', 'width'], ...records.map(([note, height, width]) => [quote(note), height, width])].map(fields => fields.join(delimiter)).join(newline)
    const { rows } = await rowsFromCsv(text, input)
    if (JSON.stringify(rows) !== JSON.stringify(records.map(([, height, width]) => [width, height]))) throw new Error(JSON.stringify(rows))
  }), { seed: 20, numRuns: 500 }))
})

t.test('any other text is refused with an error from the list', async t => {
  const text = fc.array(fc.constantFrom('width', 'height', ',', ';', '"', '\n', '\r', '\r\n', '1', '2.5', '-', ' ', '\0', '\ufeff', 'é', '\t'), { maxLength: 30 }).map(parts => parts.join(''))
  await t.resolves(fc.assert(fc.asyncProperty(text, async text => {
    await rowsFromCsv(text, input, 5).catch(error => {
      if (![400, 413, 422].includes(error.statusCode)) throw error
    })
  }), { seed: 20, numRuns: 2000 }))
})

t.test('it stops at the first row over the limit, and blank ones count: to read them takes as long', async t => {
  for (const row of ['1,2\n', ',\n', ' , \n']) {
    await t.rejects(rowsFromCsv(`width,height\n${row.repeat(11)}"never closed`, input, 10), { statusCode: 413, code: 'SRV_TOO_MANY_INPUTS' }, JSON.stringify(row))
  }
  t.equal((await rowsFromCsv(`width,height\n${'1,2\n'.repeat(10)}`, input, 10)).rows.length, 10)
})

t.test('it stops within the first record that is too long, whatever it holds', async t => {
  const COMPLEX = { statusCode: 413, code: 'SRV_BODY_TOO_COMPLEX', message: 'The request body is over a limit: a record of the CSV is longer than 65536 bytes; send less at once.' }
  for (const character of ['"', ',', '1', '\0', 'é', '1,']) {
    const text = character.repeat(2 ** 23 / character.length)
    await t.rejects(rowsFromCsv(text, input, 10), COMPLEX, JSON.stringify(character))
    t.ok(await turnsOf(() => rowsFromCsv(text, input, 10)) < 20, 'before it has read the rest')
  }
  const wide: TableInput = { ...input, features: Array.from({ length: 2000 }, (_, at) => ({ name: `f${at}`, ...range })) }
  t.same((await rowsFromCsv(Array.from({ length: 2000 }, () => '1'.padStart(50)).join(), wide)).rows.length, 1, 'a model with many features has longer records')
})

t.test('a long file leaves the event loop free after each 16 KiB', async t => {
  t.ok(await turnsOf(() => rowsFromCsv('1,2\n'.repeat(2 ** 18), input)) >= 64)
  t.ok(await turnsOf(() => rowsFromCsv('\n'.repeat(2 ** 20), input)) >= 64)
})

t.test('columns of every kind are read by their types, and quoted words hold what they hold', async t => {
  const header = 'weight,"age / years",visits,is_member,city,iron\n'
  const table = await rowsFromCsv(`${header}70.25,40,3,True,New York,1.5\n50,1,0,0," Rome",\n`, patients)
  t.same(table.rows, [PATIENT, [1, null, 0, false, ' Rome', 50]])
  t.same((await rowsFromCsv('40,1.5,3,true,New York,70.25\n', patients)).rows, [PATIENT], 'without a header')
  const words: TableInput = { kind: 'table', tensor: 'x', type: 'string', features: [{ name: 'a' }, { name: 'b' }] }
  t.same((await rowsFromCsv('b,a\n"x, ""y""\nz",1\n', words)).rows, [['1', 'x, "y"\nz']])
  t.same((await rowsFromCsv('p,q\nr,s\n', words)).rows, [['p', 'q'], ['r', 's']], 'words are no header')
})

t.test('a column that the card calls optional may be missing', async t => {
  const rest = 'age / years,visits,is_member,city,weight'
  t.same((await rowsFromCsv(`${rest}\n40,3,1,Paris,70\n`, patients)).rows, [[40, null, 3, true, 'Paris', 70]])
  await t.rejects(rowsFromCsv('age / years,city\n1,Paris\n', patients), { message: /^the CSV's header lacks 'visits', 'is_member', 'weight'; the model takes/ })
  await t.rejects(rowsFromCsv(`${rest}\n40,3,1,Paris,70\n40,,1,Paris,70\n`, patients), { message: "row 2: 'visits' is empty, not a whole number." })
  await t.rejects(rowsFromCsv(`${rest}\n40,3,1,,70\n`, patients), { message: "row 1: 'city' is empty, not a text." })
  await t.rejects(rowsFromCsv(`${rest}\n40,3,1,Bonn,70\n`, patients), { message: /^row 1: 'city' is the text "Bonn"; the model knows "Paris"/ })
})

t.test('where semicolons separate the fields, numbers may have a decimal comma', async t => {
  const table = await rowsFromCsv('width;height\n1,5;2\n-,25;3,5e-1\n', input)
  t.same([table.rows, table.hasDecimalCommas], [[[1.5, 2], [-0.25, 0.35]], true])
  t.same((await rowsFromCsv('1,5;2,5\n', input)).rows, [[1.5, 2.5]], 'without a header')
  t.equal((await rowsFromCsv('width;height\n1.5;2\n', input)).hasDecimalCommas, undefined)
  const visits = 'age / years;visits;is_member;city;weight\n'
  t.same((await rowsFromCsv(`${visits}40;3;1;Paris;70,25\n`, patients)).rows, [[40, null, 3, true, 'Paris', 70.25]])
  await t.rejects(rowsFromCsv(`${visits}40;3,5;1;Paris;70\n`, patients), { message: "row 1: 'visits' is 3.5, not a whole number." })
})

t.test('a comma that may group thousands is refused', async t => {
  await t.rejects(rowsFromCsv('width;height\n1,234;2.5\n', input), { statusCode: 422, message: "row 1: 'height' has a decimal point, and row 1 has a decimal comma; write all numbers alike." })
  await t.rejects(rowsFromCsv('width;height\n1.5;2\n2;1,234\n', input), { message: "row 2: 'height' has a decimal comma, and row 1 has a decimal point; write all numbers alike." })
  for (const number of ['1.234,5', '1,234,567']) await t.rejects(rowsFromCsv(`width;height\n1;${number}\n`, input), { message: `row 1: 'height' is the text "${number}", not a number.` })
  await t.rejects(rowsFromCsv('width\theight\n1,5\t2\n', input), { message: 'row 1: \'width\' is the text "1,5", not a number.' })
})

t.test('the error tells all faulty rows', async t => {
  await t.rejects(rowsFromCsv('width,height\n1,2\nx,2\n3,4\n5\n6, \n', input), {
    statusCode: 422,
    message: 'row 2: \'width\' is the text "x", not a number.',
    faults: [
      { row: 2, message: 'row 2: \'width\' is the text "x", not a number.' },
      { row: 4, message: 'row 4 has 1 values; the header has 2.' },
      { row: 5, message: "row 5: 'height' is empty, not a number." }
    ]
  })
  await t.rejects(rowsFromCsv('a,b\n'.repeat(200).replace('a,b', 'width,height'), input), { message: /^row 1/, faults: Array.from({ length: 100 }, (_, at) => ({ row: at + 1 })) })
})
