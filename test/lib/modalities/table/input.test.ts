import { Ajv } from 'ajv'
import t from 'tap'
import { TableInputSchema } from '../../../../lib/modalities/table/input.ts'
import { twoFeatures } from '../../../fixtures/model.ts'

t.test('an input has one feature or more, of each of which the name is enough', async t => {
  const isInput = new Ajv().compile(TableInputSchema)
  const [feature] = twoFeatures.features
  t.ok(isInput(twoFeatures))
  t.notOk(isInput({ ...twoFeatures, features: [] }))
  t.ok(isInput({ kind: 'table', features: [{ name: 'a', tensor: 'b', type: 'string', values: ['c'], others: true }, { name: 'd', optional: true, example: 1 }] }))
  for (const change of [{ name: '' }, { min: '0' }, { example: [0.5] }, { range: [0, 1] }, { type: 'float128' }, { values: [] }, { optional: 1 }]) {
    t.notOk(isInput({ ...twoFeatures, features: [JSON.parse(JSON.stringify({ ...feature, ...change }))] }), JSON.stringify(change))
  }
})
