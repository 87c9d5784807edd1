import { Ajv } from 'ajv'
import t from 'tap'
import { OUTPUT_SCHEMAS, OutputSchema } from '../../../lib/card/output.ts'

const ajv = new Ajv({ strict: false })

const OUTPUTS: Record<keyof typeof OUTPUT_SCHEMAS, object> = {
  classes: { kind: 'classes', tensor: 'logits', activation: 'softmax', label: 'label', classes: [-1, 1] },
  binary: { kind: 'binary', tensor: 'score', activation: 'sigmoid' },
  labels: { kind: 'labels', tensor: 'logits', activation: 'sigmoid', threshold: 0.3 },
  label: { kind: 'label', label: 'label', classes: [true, false] },
  value: { kind: 'value', tensor: 'price' },
  tensors: { kind: 'tensors' }
}

t.test('each kind of answer has its own fields, and no others', async t => {
  for (const [kind, schema] of Object.entries(OUTPUT_SCHEMAS)) {
    const fitting = Object.entries(OUTPUTS).filter(([, output]) => ajv.validate(schema, output)).map(([name]) => name)
    t.same(fitting, [kind])
  }
  t.notOk(ajv.validate(OutputSchema, { ...OUTPUTS.value, activation: 'softmax' }))
})

t.test('an output is of one of the kinds', async t => {
  for (const output of Object.values(OUTPUTS)) t.ok(ajv.validate(OutputSchema, output))
  for (const output of [{}, { kind: 'boxes' }, { kind: 'classes', tensor: 'y' }, { kind: 'labels', tensor: 'y', activation: 'softmax' }]) t.notOk(ajv.validate(OutputSchema, output), JSON.stringify(output))
  t.notOk(ajv.validate(OutputSchema, { ...OUTPUTS.labels, threshold: 1.5 }), 'a threshold is a probability')
})
