import t from 'tap'
import { Csv, Form, picturesOf, rowsOf as rowsWithin } from '../../../lib/input/body.ts'
import { readCard } from '../../../lib/model/card.ts'
import { projectFile } from '../../../lib/project.ts'

const { input: iris } = await readCard(projectFile('models/iris'))

function form (files: Record<string, string>, fields: Record<string, string> = {}): Form {
  const form = new Form()
  for (const [filename, text] of Object.entries(files)) form.files.push({ filename, bytes: Buffer.from(text) })
  for (const [name, value] of Object.entries(fields)) form.fields.set(name, value)
  return form
}

t.test('pictures', async t => {
  t.test('raw bytes are one input', async t => {
    t.same(picturesOf(Buffer.from('abc')), { inputs: [{ name: 'the body', bytes: Buffer.from('abc'), movable: true }], several: false })
  })

  t.test("a form's files are named in order, and its text is left alone", async t => {
    const one = picturesOf(form({ 'a.jpg': 'a' }, { note: 'hello' }))
    t.match(one, { inputs: [{ name: "file 'a.jpg'" }], several: false })
    const two = picturesOf(form({ 'a.jpg': 'a', 'b.jpg': 'b' }))
    t.match(two, { inputs: [{ name: "file 1 of 2 'a.jpg'" }, { name: "file 2 of 2 'b.jpg'" }], several: true })
  })

  t.test('base64 may be plain, wrapped at 76 columns, URL-safe, unpadded or a data: URL', async t => {
    const bytes = Buffer.from([0xfb, 0xff, 0xfe, 1])
    for (const image of ['+//+AQ==', '+//+\nAQ==\n', '-__-AQ', '+//+AQ', 'data:image/png;base64,+//+AQ==']) {
      t.match(picturesOf({ image }).inputs, [{ bytes }], image)
    }
  })

  t.test('what is not base64 is malformed', async t => {
    for (const image of ['!!!!', 'héllo', 'a b c d e!', '{"a":1}']) {
      t.throws(() => picturesOf({ image }), { code: 'SRV_BODY_MALFORMED', statusCode: 400, message: /'image' is not base64/ }, image)
    }
  })

  t.test('no body, or a form without a file, says how to send one', async t => {
    t.throws(() => picturesOf(undefined), { code: 'SRV_BODY_MISSING', message: /form file, as the raw body, or as base64/ })
    t.throws(() => picturesOf(form({}, { a: 'b' })), { code: 'SRV_FILE_MISSING' })
  })
})

t.test('rows', async t => {
  if (iris.kind !== 'table') throw new Error('iris is a table')
  const rowsOf = (body: unknown, input: typeof iris, limit = 100) => rowsWithin(body, input, limit)
  const row = [5.9, 3, 5.1, 1.8]
  const byName = { 'petal width': 1.8, 'sepal length': 5.9, 'sepal width': 3, 'petal length': 5.1 }
  const names = 'sepal length,sepal width,petal length,petal width'

  t.test('a list or an object is one row, answered alone', async t => {
    t.same(rowsOf(row, iris), { inputs: [{ name: 'the row', row }], several: false })
    t.same(rowsOf(byName, iris), { inputs: [{ name: 'the row', row }], several: false })
  })

  t.test('a list of rows, and instances, are several, even when there is one', async t => {
    const expected = { inputs: [{ name: 'row 1', row }], several: true }
    t.same(rowsOf([row], iris), expected)
    t.same(rowsOf({ instances: [byName] }, iris), expected)
    t.equal(rowsOf({ instances: [byName, row] }, iris).inputs.length, 2)
  })

  t.test('CSV, as text or as a file of a form, is several', async t => {
    const csv = `${names}\n5.9,3,5.1,1.8\n`
    t.match(rowsOf(new Csv(csv), iris), { inputs: [{ name: 'row 1', row }], several: true, table: { header: names.split(',') } })
    t.match(rowsOf(form({ 'a.csv': csv }), iris), { inputs: [{ row }], several: true })
  })

  t.test('a form with a field for each feature is one row', async t => {
    const fields = Object.fromEntries(Object.entries(byName).map(([name, value]) => [name, String(value)]))
    t.match(rowsOf(form({}, fields), iris), { inputs: [{ row }], several: false })
    t.throws(() => rowsOf(form({}, { ...fields, 'petal width': 'wide' }), iris), { statusCode: 422, message: /'petal width' is the text "wide", not a number/ })
  })

  t.test('nothing is dropped without a word', async t => {
    const csv = `${names}\n5.9,3,5.1,1.8\n`
    t.throws(() => rowsOf(form({ 'a.csv': csv, 'b.csv': csv }), iris), { statusCode: 400, message: /more than one CSV file/ })
    t.throws(() => rowsOf(form({ 'a.csv': csv }, { 'petal width': '1' }), iris), { statusCode: 400, message: /a file and fields/ })
    t.throws(() => rowsOf({ instances: [row], extra: 1 }, iris), { statusCode: 400, message: /unknown field 'extra'/ })
    t.throws(() => rowsOf('5.9,3,5.1,1.8', iris), { statusCode: 422, message: /the text "5\.9,3/ }, 'a JSON string is not CSV')
    t.throws(() => rowsOf([row, 5], iris), { message: /row 2 is the number 5/ })
  })

  t.test('too many rows are refused before they are looked at', async t => {
    t.throws(() => rowsOf([{}, {}, {}], iris, 2), { statusCode: 413, code: 'SRV_TOO_MANY_INPUTS', message: /more than 2 inputs/ })
    t.throws(() => rowsOf(new Csv('x\n'.repeat(4)), iris, 2), { code: 'SRV_TOO_MANY_INPUTS' })
  })

  t.test('nothing to classify is a 400', async t => {
    t.throws(() => rowsOf(undefined, iris), { code: 'SRV_BODY_MISSING', message: /row as JSON, or rows as CSV/ })
    t.throws(() => rowsOf({ instances: [] }, iris), { code: 'SRV_REQUEST_INVALID' })
    t.throws(() => rowsOf(new Csv(`${names}\n`), iris), { code: 'SRV_BODY_MISSING', message: /no rows/ })
  })
})
