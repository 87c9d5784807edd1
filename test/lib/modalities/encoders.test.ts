import t from 'tap'
import { encoderOf } from '../../../lib/modalities/encoders.ts'
import { modalityOf } from '../../../lib/modalities/index.ts'
import type { Item } from '../../../lib/modalities/kinds.ts'
import type { Input } from '../../../lib/modalities/kinds.ts'
import { picture } from '../../fixtures/expected.ts'
import { smallPicture, twoFeatures } from '../../fixtures/model.ts'

t.test('what one half of a modality prepares, the other half encodes into the tensor that the first half says', async t => {
  const cases: Array<[Input, Item]> = [[smallPicture, { name: 'a', bytes: picture('rgb.png') }], [twoFeatures, [1, 2]]]
  for (const [input, item] of cases) {
    const modality = modalityOf(input)
    const { content } = await modality.prepare(item, { pixels: Infinity })
    const { feeds, faults } = await encoderOf(input).encode(['payload' in content && content.payload])
    t.same(faults, [])
    const { name, dtype, shape: [, ...axes] } = modality.tensor
    t.match(feeds, { [name]: { dtype, shape: [1, ...axes] } })
  }
})

t.test('the payload of another modality is an error', async t => {
  await t.rejects(encoderOf(smallPicture).encode([[1, 2]]), { message: 'the payload is not a picture' })
  await t.rejects(encoderOf(twoFeatures).encode([{ bytes: new Uint8Array() }]), { message: 'the payload is not a row of values' })
})
