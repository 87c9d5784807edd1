import t from 'tap'
import { encoderOf } from '../../../lib/modalities/encoders.ts'
import { modalityOf } from '../../../lib/modalities/index.ts'
import type { Item } from '../../../lib/modalities/kinds.ts'
import type { Input } from '../../../lib/modalities/kinds.ts'
import { picture } from '../../fixtures/expected.ts'
import type { Signature } from '../../../lib/tensor.ts'
import { patients, patientsSignature, PATIENT } from '../../fixtures/columns.ts'
import { smallPicture, twoFeatures } from '../../fixtures/model.ts'

const NOTHING: Signature = { inputs: [], outputs: [] }

t.test('what one half of a modality prepares, the other half encodes into the tensors that the first half says', async t => {
  const cases: Array<[Input, Item, Signature]> = [
    [smallPicture, { name: 'a', bytes: picture('rgb.png') }, NOTHING], [twoFeatures, [1, 2], NOTHING], [patients, PATIENT, patientsSignature]
  ]
  for (const [input, item, signature] of cases) {
    const modality = modalityOf(input, signature)
    const { content } = await modality.prepare(item, { pixels: Infinity, characters: Infinity })
    const { feeds, faults } = await (await encoderOf(input, signature, '')).encode(['payload' in content && content.payload])
    t.same(faults, [])
    t.same(Object.entries(feeds).map(([name, { dtype, shape }]) => ({ name, dtype, shape: [null, ...shape.slice(1)] })), modality.tensors)
  }
})

t.test('the payload of another modality is an error', async t => {
  await t.rejects((await encoderOf(smallPicture, NOTHING, '')).encode([[1, 2]]), { message: 'the payload is not a picture' })
  await t.rejects((await encoderOf(twoFeatures, NOTHING, '')).encode([{ bytes: new Uint8Array() }]), { message: 'the payload is not a row of values' })
  await t.rejects((await encoderOf({ kind: 'tensors' }, NOTHING, '')).encode([[1, 2]]), { message: 'plain tensors need no encoder' })
})
