import { Ajv } from 'ajv'
import t from 'tap'
import { channelsOf, faultOf, ImageInputSchema, rowShapeOf, type ImageInput } from '../../../../lib/modalities/image/input.ts'
import { smallPicture } from '../../../fixtures/model.ts'

const wide: ImageInput = { ...smallPicture, width: 5, height: 3 }

t.test('a row of the tensor has height before width, and its channels first or last', async t => {
  t.same(rowShapeOf(wide), [3, 5, 3])
  t.same(rowShapeOf({ ...wide, colour: 'grey' }), [3, 5, 1])
  t.same(rowShapeOf({ ...wide, layout: 'NCHW' }), [3, 3, 5])
  t.same([channelsOf(wide), channelsOf({ ...wide, colour: 'bgr' }), channelsOf({ ...wide, colour: 'grey' })], [3, 3, 1])
})

t.test('a normalisation is for floats, and has a value for each channel', async t => {
  const three = { mean: [0.5, 0.5, 0.5], std: [1, 1, 1] }
  const cases: Array<[Partial<ImageInput>, string | null]> = [
    [{}, null],
    [{ normalisation: null }, null],
    [{ type: 'float32', normalisation: three }, null],
    [{ type: 'float16', normalisation: three, colour: 'bgr' }, null],
    [{ type: 'float32', normalisation: { mean: [0.5], std: [1] }, colour: 'grey' }, null],
    [{ type: 'float32' }, null],
    [{ type: 'float16', normalisation: null }, null],
    [{ normalisation: three }, "/input: 'normalisation' is for type float32 and float16; a tensor of uint8 takes the levels as they are"],
    [{ type: 'float32', normalisation: { mean: [0.5], std: [1, 1, 1] } }, '/input/normalisation needs 3 values, one for each channel'],
    [{ type: 'float32', normalisation: { mean: [0.5, 0.5, 0.5], std: [1] } }, '/input/normalisation needs 3 values, one for each channel'],
    [{ type: 'float32', normalisation: three, colour: 'grey' }, '/input/normalisation needs 1 values, one for each channel']
  ]
  for (const [change, fault] of cases) t.equal(faultOf({ ...smallPicture, ...change }), fault, JSON.stringify(change))
})

t.test('the shorter side is for cover and stretch, the longer one for contain', async t => {
  const filter = 'bilinear'
  t.equal(faultOf({ ...smallPicture, resize: { fit: 'contain', shorterSide: 10, filter } }), "/input/resize: 'shorterSide' is for fit cover and stretch; for contain, use 'longerSide'")
  t.equal(faultOf({ ...smallPicture, resize: { fit: 'stretch', longerSide: 10, filter } }), "/input/resize: 'longerSide' is for fit contain; for cover and stretch, use 'shorterSide'")
  for (const resize of [{ fit: 'cover', shorterSide: 10, filter }, { fit: 'stretch', shorterSide: 10, filter }, { fit: 'contain', longerSide: 10, filter }] as const) {
    t.equal(faultOf({ ...smallPicture, resize }), null, resize.fit)
  }
})

t.test('the schema refuses what no picture can be turned into', async t => {
  const isInput = new Ajv().compile(ImageInputSchema)
  t.ok(isInput(smallPicture))
  t.ok(isInput({ ...smallPicture, type: 'float16', colour: 'bgr', normalisation: null }))
  for (const change of [{ width: 0 }, { width: 8193 }, { height: 1.5 }, { colour: 'cmyk' }, { type: 'float64' }, { background: 'white' }, { resize: { fit: 'cover', filter: 'cubic' } }, { resize: { fit: 'cover', filter: 'bilinear', shorterSide: 16385 } }, { normalisation: { mean: [0], std: [0] } }]) {
    t.notOk(isInput({ ...smallPicture, ...change }), JSON.stringify(change))
  }
})
