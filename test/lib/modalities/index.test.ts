import t from 'tap'
import { faultOf, modalityOf } from '../../../lib/modalities/index.ts'
import { smallPicture, twoFeatures } from '../../fixtures/model.ts'

t.test('the modality of an input says which tensor it becomes', async t => {
  t.same(modalityOf(smallPicture).tensor, { name: 'image', dtype: 'uint8', shape: [null, 8, 8, 3] })
  t.same(modalityOf(twoFeatures).tensor, { name: 'x', dtype: 'float32', shape: [null, 2] })
})

t.test('an item of another modality is a fault of the program, not of the caller', async t => {
  await t.rejects(async () => await modalityOf(smallPicture).prepare([1, 2], { pixels: 1 }), { code: undefined, message: 'the model takes pictures, but the input is a row' })
  await t.rejects(async () => await modalityOf(twoFeatures).prepare({ name: 'a', bytes: new Uint8Array() }, { pixels: 1 }), { code: undefined, message: 'the model takes rows, but the input is a picture' })
})

t.test('the fault of an input is told by its modality', async t => {
  t.equal(faultOf(smallPicture), null)
  t.equal(faultOf(twoFeatures), null)
  t.match(faultOf({ ...smallPicture, type: 'float32' }), /normalisation/)
})

t.test('an input is named by its file, or by its place in the request', async t => {
  t.equal(modalityOf(smallPicture).nameOf({ name: "file 'a.png'", bytes: new Uint8Array() }, 1, 2), "file 'a.png'")
  t.equal(modalityOf(twoFeatures).nameOf([1, 2], 1, 2), 'row 2')
  t.equal(modalityOf(twoFeatures).nameOf([1, 2], 0, 1), 'the row')
})
