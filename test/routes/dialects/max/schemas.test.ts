import { Ajv } from 'ajv'
import t from 'tap'
import type { Card } from '../../../../lib/card/card.ts'
import { answerSchema, labelsSchema, MaxErrorSchema, metadataSchema } from '../../../../routes/dialects/max/schemas.ts'
import { echoCard } from '../../../fixtures/model.ts'

const OUTPUTS: Card['output'][] = [
  { kind: 'classes', tensor: 'y', activation: 'none' }, { kind: 'binary', tensor: 'y', activation: 'none' }, { kind: 'labels', tensor: 'y', activation: 'none' },
  { kind: 'label', label: 'z' }, { kind: 'value', tensor: 'y' }, { kind: 'tensors' }
]
const ajv = new Ajv({ strict: false })

t.test('each schema has an example that fits it', async t => {
  const words = { id: 'a', name: 'b', description: '', type: '', source: '', license: '' }
  const schemas = [metadataSchema(words), ...[echoCard, { ...echoCard, labels: [] }].flatMap(card => [labelsSchema(card), ...OUTPUTS.map(output => answerSchema({ ...card, output }))])]
  for (const schema of schemas) {
    const { examples } = JSON.parse(JSON.stringify(schema))
    t.equal(examples.length, 1)
    t.ok(ajv.validate(schema, examples[0]), JSON.stringify(examples[0]))
  }
})

t.test('an error has a message, and the wrong fields only where a form lacks its file', async t => {
  t.ok(ajv.validate(MaxErrorSchema, { status: 'error', message: 'a' }))
  t.ok(ajv.validate(MaxErrorSchema, { message: 'a', errors: { file: 'b' } }))
  t.notOk(ajv.validate(MaxErrorSchema, { status: 'error' }))
})
