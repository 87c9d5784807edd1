import { Ajv2020 } from 'ajv/dist/2020.js'
import t from 'tap'
import type { TableInput } from '../../../lib/modalities/table/input.ts'
import { Csv, rowsOf } from '../../../wire/table/body.ts'
import { explanationOf, rowBody } from '../../../wire/table/openapi.ts'
import { patients, PATIENT, patientsCard } from '../../fixtures/columns.ts'
import { echoCard, twoFeatures } from '../../fixtures/model.ts'

const LIMIT = 3
const { content } = rowBody(twoFeatures, LIMIT)
const ajv = new Ajv2020({ keywords: ['x-read-by-hand'], formats: { binary: true } })

t.test('a row may be a list or an object, alone, in a list, or as instances', async t => {
  const isBody = ajv.compile(content['application/json']!.schema)
  for (const body of [[1, 2], { height: 1, width: 2 }, [[1, 2], { height: 1, width: 2 }], { instances: [[1, 2]] }]) {
    t.ok(isBody(body), JSON.stringify(body))
    t.ok(await rowsOf(body, twoFeatures, 10), 'and is read')
  }
  for (const body of [[1], [1, 2, 3], { height: 1 }, { height: 1, width: 2, depth: 3 }, ['1', 2]]) {
    t.notOk(isBody(body), JSON.stringify(body))
    await t.rejects(rowsOf(body, twoFeatures, 10), { code: 'SRV_ROW_UNUSABLE' }, 'and is refused')
  }
})

t.test('what the document allows is read, and what it forbids is refused: numbers of a float32, and rows up to the limit', async t => {
  const isBody = ajv.compile(content['application/json']!.schema)
  const row = [1, 2]
  const largest = 3.4028234663852886e38
  for (const body of [[largest, -largest], { height: largest, width: 0 }, [row, row, row], { instances: [row, row, row] }]) {
    t.ok(isBody(body), JSON.stringify(body))
    t.ok(await rowsOf(body, twoFeatures, LIMIT), 'and is read')
  }
  for (const body of [[3.41e38, 0], { height: -3.41e38, width: 0 }, [[1e39, 0]], [], [row, row, row, row], { instances: [] }, { instances: [row, row, row, row] }, { instances: [row], parameters: {} }]) {
    t.notOk(isBody(body), JSON.stringify(body))
    await t.rejects(rowsOf(body, twoFeatures, LIMIT), 'and is refused')
  }
})

t.test('a form is one row or one file, and nothing beside it', async t => {
  const isForm = ajv.compile(content['multipart/form-data']!.schema)
  for (const form of [{ width: 1, height: 2 }, { file: '1,2' }]) t.ok(isForm(form), JSON.stringify(form))
  for (const form of [{}, { width: 1 }, { width: 1, height: 2, file: '1,2' }, { file: '1,2', width: 1 }, { width: 1, height: 2, depth: 3 }, { width: 1e39, height: 2 }]) {
    t.notOk(isForm(form), JSON.stringify(form))
  }
})

t.test('the examples are the example of the card', async t => {
  const example = [[0.25, 0.75]]
  const first = (type: string): unknown => JSON.parse(JSON.stringify(content[type]?.schema)).examples[0]
  t.same((await rowsOf(first('application/json'), twoFeatures, 1)).items, example)
  t.same((await rowsOf(new Csv(Buffer.from(String(first('text/csv')))), twoFeatures, 1)).items, example)
})

t.test('a form has a field for each feature, with its unit and range', async t => {
  t.match(content['multipart/form-data']?.schema, {
    properties: { width: { description: 'In cm. Training data: 0 to 1.', examples: [0.25] }, height: { description: 'Training data: 0 to 10.' }, file: { format: 'binary' } }
  })
  t.notOk(Object.hasOwn(JSON.parse(JSON.stringify(content['multipart/form-data']?.schema)), 'required'), 'a CSV file will do instead')
})

t.test('an explanation is what each feature did', async t => {
  const isExplanation = ajv.compile(explanationOf(echoCard, twoFeatures).content['application/json']!.schema)
  const feature = { name: 'width', value: 1, importance: -0.5, curve: [{ value: 0, probability: 0.5 }] }
  const answer = { shape: 'wide', probability: 0.75, index: 0, model: 'echo', version: '1' }
  t.ok(isExplanation({ ...answer, features: [feature] }))
  t.notOk(isExplanation({ ...answer, features: [{ ...feature, importance: 2 }] }))
})

t.test('typed columns are read as the document says, and refused as it says', async t => {
  const { content } = rowBody(patients, LIMIT)
  const isBody = ajv.compile(content['application/json']!.schema)
  const row: unknown[] = PATIENT
  const byName = Object.fromEntries(patients.features.map(({ name }, at) => [name, row[at]]))
  const { iron, ...rest } = byName
  t.equal(iron, 1.5)
  for (const body of [row, byName, rest, { ...byName, iron: null }, row.with(1, null), [row, rest]]) {
    t.ok(isBody(body), JSON.stringify(body))
    t.ok(await rowsOf(body, patients, LIMIT), 'and is read')
  }
  const { city, ...homeless } = byName
  t.equal(city, 'New York')
  for (const body of [row.with(2, 2.5), row.with(2, 2 ** 53), row.with(3, 1), row.with(4, 'Bonn'), row.with(4, null), row.with(0, null), row.slice(1), homeless, { ...byName, more: 1 }]) {
    t.notOk(isBody(body), JSON.stringify(body))
    await t.rejects(rowsOf(body, patients, LIMIT), { code: 'SRV_ROW_UNUSABLE' }, 'and is refused')
  }
})

t.test('a column tells its values or its range, and the examples are valid rows', async t => {
  const { content } = rowBody(patients, LIMIT)
  const form = JSON.parse(JSON.stringify(content['multipart/form-data']?.schema))
  t.match(form.properties, {
    'age / years': { type: 'number', description: 'Training data: 0 to 100.', examples: [40] },
    iron: { type: 'number', description: 'In mg/l. May be missing.' },
    visits: { type: 'integer', minimum: -(2 ** 53) + 1, maximum: 2 ** 53 - 1 },
    is_member: { type: 'boolean' },
    city: { type: 'string', enum: ['Paris', 'New York', ' Rome'] }
  })
  const isForm = ajv.compile(content['multipart/form-data']!.schema)
  const fields = { 'age / years': 1, visits: 1, is_member: true, city: 'Paris', weight: 1 }
  t.ok(isForm(fields))
  t.ok(isForm({ ...fields, iron: 1 }))
  for (const name of Object.keys(fields)) t.notOk(isForm(Object.fromEntries(Object.entries(fields).filter(([key]) => key !== name))), `without ${name}`)
  const first = (type: string): unknown => JSON.parse(JSON.stringify(content[type]?.schema)).examples[0]
  t.same((await rowsOf(first('application/json'), patients, 1)).items, [[40, 0, 2, false, 'Paris', 75]])
  t.same((await rowsOf(new Csv(Buffer.from(String(first('text/csv')))), patients, 1)).items, [[40, 0, 2, false, 'Paris', 75]])
})

t.test('words in an example of CSV are quoted where they must be', async t => {
  const input: TableInput = { kind: 'table', tensor: 'x', type: 'string', features: [{ name: 'a, b', values: ['say "c, d"'] }, { name: 'e', values: ['f'], others: true }] }
  const { content } = rowBody(input, LIMIT)
  t.match(JSON.stringify(content['multipart/form-data']?.schema), 'The model knows f.')
  const [example] = JSON.parse(JSON.stringify(content['text/csv']?.schema)).examples
  t.same((await rowsOf(new Csv(Buffer.from(example)), input, 1)).items, [['say "c, d"', 'f']])
})

t.test('an explanation of typed columns has their values', async t => {
  const isExplanation = ajv.compile(explanationOf(patientsCard, patients).content['application/json']!.schema)
  const answer = { label: 'age', probability: 0.75, index: 0, model: 'patients', version: '1' }
  const feature = (value: unknown, ...curve: unknown[]) => ({ name: 'a', value, importance: 0, curve: curve.map(value => ({ value, probability: 0.5 })) })
  t.ok(isExplanation({ ...answer, features: [feature(1, 0, 1), feature('Paris', 'Paris'), feature(true, false, true)] }))
  t.notOk(isExplanation({ ...answer, features: [feature(null, 1)] }), 'no feature with a range is optional')
  const json = (input: TableInput) => JSON.stringify(explanationOf(echoCard, input))
  t.match(json({ kind: 'table', tensor: 'x', features: [{ name: 'a' }] }), '"value":{"type":"number"}')
})
