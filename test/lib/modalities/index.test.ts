import t from 'tap'
import { faultOf, modalityOf } from '../../../lib/modalities/index.ts'
import { patients, patientsSignature } from '../../fixtures/columns.ts'
import { smallPicture, twoFeatures } from '../../fixtures/model.ts'

const NOTHING = { inputs: [], outputs: [] }

t.test('the modality of an input says which tensors it becomes', async t => {
  t.same(modalityOf(smallPicture, NOTHING).tensors, [{ name: 'image', dtype: 'uint8', shape: [null, 8, 8, 3] }])
  t.same(modalityOf(twoFeatures, NOTHING).tensors, [{ name: 'x', dtype: 'float32', shape: [null, 2] }])
  t.same(modalityOf({ kind: 'tensors' }, patientsSignature).tensors, patientsSignature.inputs, 'plain tensors are all that the model has')
})

t.test('an item of another modality is a fault of the program, not of the caller', async t => {
  await t.rejects(async () => await modalityOf(smallPicture, NOTHING).prepare([1, 2], { pixels: 1, characters: Infinity }), { code: undefined, message: 'the model takes pictures, but the input is none' })
  await t.rejects(async () => await modalityOf(twoFeatures, NOTHING).prepare({ name: 'a', bytes: new Uint8Array() }, { pixels: 1, characters: Infinity }), { code: undefined, message: 'the model takes rows, but the input is none' })
  await t.rejects(async () => await modalityOf({ kind: 'tensors' }, NOTHING).prepare([1, 2], { pixels: 1, characters: Infinity }), { code: undefined, message: 'the model takes tensors, but the input is something else' })
})

t.test('the fault of an input is told by its modality', async t => {
  t.equal(faultOf(smallPicture), null)
  t.equal(faultOf(twoFeatures), null)
  t.equal(faultOf(patients), null)
  t.equal(faultOf({ kind: 'tensors' }), null)
  t.match(faultOf({ kind: 'table', features: [{ name: 'a' }] }), /^\/input\/features\/0: 'a': 'tensor' is missing/)
  t.match(faultOf({ ...smallPicture, normalisation: { mean: [0, 0, 0], std: [1, 1, 1] } }), /normalisation/)
})

t.test('an input is named by its file, or by its place in the request', async t => {
  t.equal(modalityOf(smallPicture, NOTHING).nameOf({ name: "file 'a.png'", bytes: new Uint8Array() }, 1, 2), "file 'a.png'")
  t.equal(modalityOf(twoFeatures, NOTHING).nameOf([1, 2], 1, 2), 'row 2')
  t.equal(modalityOf(twoFeatures, NOTHING).nameOf([1, 2], 0, 1), 'the row')
})
