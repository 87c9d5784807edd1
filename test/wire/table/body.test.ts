import t from 'tap'
import type { TableInput } from '../../../lib/modalities/table/input.ts'
import type { Question } from '../../../wire/modality.ts'
import { Csv, rowsOf as rowsWithin } from '../../../wire/table/body.ts'
import { turnsOf } from '../../turns.ts'
import { form } from '../form.ts'

const range = { min: 0, max: 10, example: 1 }
const iris: TableInput = {
  kind: 'table', tensor: 'X', type: 'float32', features: ['sepal length', 'sepal width', 'petal length', 'petal width'].map(name => ({ name, ...range }))
}

async function rowsOf (body: unknown, limit = 100): Promise<Question> {
  return await rowsWithin(body, iris, limit)
}

const row = [5.9, 3, 5.1, 1.8]
const byName = { 'petal width': 1.8, 'sepal length': 5.9, 'sepal width': 3, 'petal length': 5.1 }
const names = 'sepal length,sepal width,petal length,petal width'

t.test('a list or an object is one row, answered alone', async t => {
  t.same(await rowsOf(row), { items: [row], isList: false })
  t.same(await rowsOf(byName), { items: [row], isList: false })
})

t.test('a list of rows, and instances, are several, even when there is one', async t => {
  const expected = { items: [row], isList: true }
  t.same(await rowsOf([row]), expected)
  t.same(await rowsOf({ instances: [byName] }), expected)
  t.equal((await rowsOf({ instances: [byName, row] })).items.length, 2)
})

t.test('CSV, as text or as a file of a form, is several', async t => {
  const csv = `${names}\n5.9,3,5.1,1.8\n`
  t.match(await rowsOf(new Csv(Buffer.from(csv))), { items: [row], isList: true, table: { header: names.split(',') } })
  t.match(await rowsOf(form({ 'a.csv': csv })), { items: [row], isList: true })
})

t.test('a form with a field for each feature is one row', async t => {
  const fields = Object.fromEntries(Object.entries(byName).map(([name, value]) => [name, String(value)]))
  t.match(await rowsOf(form({}, fields)), { items: [row], isList: false })
  await t.rejects(rowsOf(form({}, { ...fields, 'petal width': 'wide' })), { statusCode: 422, message: /'petal width' is the text "wide", not a number/ })
})

t.test('nothing is dropped without a word', async t => {
  const csv = `${names}\n5.9,3,5.1,1.8\n`
  await t.rejects(rowsOf(form({ 'a.csv': csv, 'b.csv': csv })), { statusCode: 400, message: /more than one CSV file/ })
  await t.rejects(rowsOf(form({ 'a.csv': csv }, { 'petal width': '1' })), { statusCode: 400, message: /a file and fields/ })
  await t.rejects(rowsOf({ instances: [row], extra: 1 }), { statusCode: 400, message: /unknown field 'extra'/ })
  await t.rejects(rowsOf('5.9,3,5.1,1.8'), { statusCode: 422, message: /the text "5\.9,3/ }, 'a JSON string is not CSV')
  await t.rejects(rowsOf([row, 5]), { message: /row 2 is the number 5/ })
})

t.test('too many rows are refused before they are looked at', async t => {
  await t.rejects(rowsOf([{}, {}, {}], 2), { statusCode: 413, code: 'SRV_TOO_MANY_INPUTS', message: /more than 2 inputs/ })
  await t.rejects(rowsOf(new Csv(Buffer.from('1,2,3,4\n'.repeat(4))), 2), { code: 'SRV_TOO_MANY_INPUTS' })
})

t.test('many rows leave the event loop free after some thousand values', async t => {
  const rows = Array.from({ length: 40_000 }, () => row)
  t.ok(await turnsOf(() => rowsOf(rows, 40_000)) >= 8)
})

t.test('nothing to classify is a 400', async t => {
  await t.rejects(rowsOf(undefined), { code: 'SRV_BODY_MISSING', message: /row as JSON, or rows as CSV/ })
  await t.rejects(rowsOf({ instances: [] }), { code: 'SRV_REQUEST_INVALID' })
  await t.rejects(rowsOf(new Csv(Buffer.from(`${names}\n`))), { code: 'SRV_REQUEST_INVALID', message: 'the CSV has a header and no rows; add one line for each row.' })
  for (const blank of ['\n\n', ' \n \r\n', ' '.repeat(1000)]) await t.rejects(rowsOf(new Csv(Buffer.from(blank))), { code: 'SRV_BODY_MISSING', message: /no rows/ }, JSON.stringify(blank.slice(0, 9)))
})
