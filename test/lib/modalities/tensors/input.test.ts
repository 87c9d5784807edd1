import { Ajv } from 'ajv'
import t from 'tap'
import { TensorsInputSchema } from '../../../../lib/modalities/tensors/input.ts'

t.test('the model itself says what its tensors are, so that the card says nothing', async t => {
  const isInput = new Ajv().compile(TensorsInputSchema)
  t.ok(isInput({ kind: 'tensors' }))
  t.notOk(isInput({ kind: 'tensors', tensor: 'x' }))
  t.notOk(isInput({ kind: 'table' }))
})
