import t from 'tap'
import { modelConfig } from '../../../wire/open-inference/config.ts'
import { fakeModel } from '../../lib/model.ts'

t.test('the configuration has the batch axis in its dims, and TYPE_ before the types', async t => {
  const { model: { card } } = await fakeModel()
  const config = modelConfig({ card, signature: { inputs: [{ name: 'X', dtype: 'float32', shape: [null, 4] }], outputs: [{ name: 'words', dtype: 'string', shape: [null] }] } })
  t.match(config, {
    name: 'iris', max_batch_size: 0, input: [{ name: 'X', data_type: 'TYPE_FP32', dims: [-1, 4] }], output: [{ name: 'words', data_type: 'TYPE_STRING', dims: [-1] }]
  })
})
