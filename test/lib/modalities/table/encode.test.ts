import t from 'tap'
import { tableEncoder } from '../../../../lib/modalities/table/encode.ts'
import { twoFeatures } from '../../../fixtures/model.ts'

t.test('rows become one tensor, one row behind the other', async t => {
  t.same(await tableEncoder(twoFeatures).encode([[1, 2], [3, 0.5], [5, 6]]), {
    feeds: { x: { dtype: 'float32', shape: [3, 2], data: Float32Array.of(1, 2, 3, 0.5, 5, 6) } }, faults: []
  })
})
