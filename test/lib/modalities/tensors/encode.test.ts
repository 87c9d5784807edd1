import t from 'tap'
import { tensorsEncoder } from '../../../../lib/modalities/tensors/encode.ts'

t.test('there is nothing to encode, and a payload is an error', async t => {
  await t.rejects(tensorsEncoder().encode([{}]), { message: 'plain tensors need no encoder' })
})
