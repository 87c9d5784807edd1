import { readdirSync, readFileSync } from 'node:fs'
import { Ajv } from 'ajv'
import t from 'tap'
import { cardSchemaText } from '../../../lib/card/schema.ts'
import { projectFile } from '../../../lib/project.ts'

const isCard = new Ajv({ allowUnionTypes: true }).compile(JSON.parse(cardSchemaText()))
const models = readdirSync(projectFile('models'), { withFileTypes: true }).filter(entry => entry.isDirectory() && entry.name !== 'training').map(({ name }) => name)

t.test('the file for editors is the one that `npm run schema` writes', async t => {
  t.equal(readFileSync(projectFile('models/card.schema.json'), 'utf8'), cardSchemaText())
})

t.test('the embedded cards fit it', async t => {
  t.ok(models.length >= 4)
  for (const model of models) {
    t.ok(isCard(JSON.parse(readFileSync(projectFile(`models/${model}/card.json`), 'utf8'))), `${model}: ${JSON.stringify(isCard.errors)}`)
  }
})

t.test('a card may hold any part, and name its schema', async t => {
  for (const card of [{}, { $schema: '../card.schema.json' }, { labels: ['a', 'a'] }, { input: { kind: 'table', features: [{ name: 'a' }] } }, { output: { activation: 'softmax' } }, { input: { resize: { fit: 'stretch' } } }]) {
    t.ok(isCard(card), JSON.stringify(card))
  }
  for (const card of [[], { labels: 'a' }, { label: ['a'] }, { input: { kind: 'sound' } }, { output: { activation: 'relu' } }, { input: { kind: 'table', features: [{ unit: 'cm' }] } }]) t.notOk(isCard(card), JSON.stringify(card))
})

t.test('editors can show what a field means', async t => {
  t.match(cardSchemaText(), /"description": "The labels, in the order of the output's columns/)
})
