import { Ajv } from 'ajv'
import t from 'tap'
import { TableInputSchema } from '../../../../lib/modalities/table/input.ts'
import { twoFeatures } from '../../../fixtures/model.ts'

t.test('an input has one feature or more, each with its range and an example', async t => {
  const isInput = new Ajv().compile(TableInputSchema)
  const [feature] = twoFeatures.features
  t.ok(isInput(twoFeatures))
  t.notOk(isInput({ ...twoFeatures, features: [] }))
  for (const change of [{ name: '' }, { min: undefined }, { example: '0.5' }, { range: [0, 1] }]) {
    t.notOk(isInput({ ...twoFeatures, features: [JSON.parse(JSON.stringify({ ...feature, ...change }))] }), JSON.stringify(change))
  }
})
