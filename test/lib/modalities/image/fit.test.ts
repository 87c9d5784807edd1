import t from 'tap'
import { writeImage } from '../../../../lib/modalities/image/fit.ts'
import type { ImageInput } from '../../../../lib/modalities/image/input.ts'
import { JpegScan } from '../../../../lib/pixels/jpeg.ts'
import { expected } from '../../../fixtures/expected.ts'

const base: ImageInput = {
  kind: 'image',
  tensor: 'image',
  type: 'uint8',
  layout: 'NHWC',
  width: 2,
  height: 2,
  colour: 'rgb',
  resize: { fit: 'cover', filter: 'bilinear' },
  background: '#ffffff'
}
const picture = { data: Uint8Array.of(255, 0, 0, 0, 255, 0, 0, 0, 255, 10, 20, 30), width: 2, height: 2, channels: 3 }

t.test('NHWC keeps the channels of a pixel together', async t => {
  const tensor = new Uint8Array(12)
  writeImage(picture, base, tensor, 0)
  t.same([...tensor], [255, 0, 0, 0, 255, 0, 0, 0, 255, 10, 20, 30])
})

t.test('NCHW keeps each channel together', async t => {
  const tensor = new Uint8Array(12)
  writeImage(picture, { ...base, layout: 'NCHW' }, tensor, 0)
  t.same([...tensor], [255, 0, 0, 10, 0, 255, 0, 20, 0, 0, 255, 30])
})

t.test('a row is written at its own place in the batch', async t => {
  const tensor = new Uint8Array(24)
  writeImage(picture, base, tensor, 1)
  t.same([...tensor.subarray(0, 12)], Array(12).fill(0))
  t.same([...tensor.subarray(12)], [...picture.data])
})

t.test('normalisation is (value / 255 − mean) / std for each channel', async t => {
  const tensor = new Float32Array(12)
  writeImage(picture, { ...base, type: 'float32', normalisation: { mean: [0.5, 0.5, 0], std: [0.5, 0.25, 1] } }, tensor, 0)
  t.same([...tensor.subarray(0, 3)], [1, -2, 0])
  t.same([...tensor.subarray(6, 9)], [-1, -2, 1])
})

t.test('without a normalisation, a tensor of floats takes the levels', async t => {
  const floats = new Float32Array(12)
  writeImage(picture, { ...base, type: 'float32' }, floats, 0)
  t.same([...floats], [...picture.data])
  const halves = new Uint16Array(12)
  writeImage(picture, { ...base, type: 'float16', normalisation: null }, halves, 0)
  // numpy.array([255, 0, 10, 20, 30], numpy.float16).view(numpy.uint16)
  t.same([halves[0], halves[1], ...halves.subarray(9)], [0x5bf8, 0, 0x4900, 0x4d00, 0x4f80])
})

t.test('bgr has the channels of a pixel in the other order, in both layouts, and the normalisation in its own order', async t => {
  const tensor = new Uint8Array(12)
  writeImage(picture, { ...base, colour: 'bgr' }, tensor, 0)
  t.same([...tensor], [0, 0, 255, 0, 255, 0, 255, 0, 0, 30, 20, 10])
  writeImage(picture, { ...base, colour: 'bgr', layout: 'NCHW' }, tensor, 0)
  t.same([...tensor], [0, 0, 255, 30, 0, 255, 0, 20, 255, 0, 0, 10])
  const floats = new Float32Array(12)
  writeImage(picture, { ...base, type: 'float32', colour: 'bgr', normalisation: { mean: [1, 0, 0], std: [1, 1, 0.5] } }, floats, 0)
  t.same([...floats.subarray(0, 9)], [-1, 0, 2, -1, 1, 0, 0, 0, 0])
})

t.test('the padding of bgr is the background', async t => {
  const tensor = new Uint8Array(12)
  writeImage(rgb(Uint8Array.of(7, 7), 2, 1), { ...base, colour: 'bgr', resize: { fit: 'contain', filter: 'bilinear' }, background: '#102030' }, tensor, 0)
  t.same([...tensor.subarray(6)], [48, 32, 16, 48, 32, 16])
})

t.test('grey is the luma of ITU-R 601', async t => {
  const tensor = new Uint8Array(4)
  writeImage(picture, { ...base, colour: 'grey' }, tensor, 0)
  // 0.299 R + 0.587 G + 0.114 B
  t.same([...tensor], [76, 150, 29, 18])
})

t.test('cover crops the longer side about its middle', async t => {
  const tensor = new Uint8Array(4)
  writeImage(rgb(Uint8Array.of(1, 2, 3, 4, 1, 2, 3, 4), 4, 2), { ...base, colour: 'grey' }, tensor, 0)
  t.same([...tensor], [2, 3, 2, 3])
})

t.test('contain pads the shorter side with the background', async t => {
  const tensor = new Uint8Array(12)
  writeImage(rgb(Uint8Array.of(7, 7), 2, 1), { ...base, height: 2, resize: { fit: 'contain', filter: 'bilinear' }, background: '#102030' }, tensor, 0)
  t.same([...tensor], [7, 7, 7, 7, 7, 7, 16, 32, 48, 16, 32, 48])
})

t.test('invert auto turns dark-on-light into light-on-dark and leaves the rest alone', async t => {
  const grey: ImageInput = { ...base, width: 3, height: 3, colour: 'grey', invert: 'auto' }
  const dark = Uint8Array.of(0, 0, 0, 0, 200, 0, 0, 0, 0)
  const light = dark.map(value => 255 - value)
  const tensor = new Uint8Array(18)
  writeImage(rgb(dark, 3, 3), grey, tensor, 0)
  writeImage(rgb(light, 3, 3), grey, tensor, 1)
  t.same([...tensor.subarray(0, 9)], [...dark])
  t.same([...tensor.subarray(9)], [...dark])
})

t.test("the longer side is rounded half to even, as Python's round()", async t => {
  // 5 × 2 to a height of 1: the width 2.5 becomes 2, so nothing is cropped from a 2 × 1 input.
  const tensor = new Uint8Array(2)
  writeImage(rgb(Uint8Array.of(0, 0, 0, 0, 255, 0, 0, 0, 0, 255), 5, 2), { ...base, height: 1, colour: 'grey' }, tensor, 0)
  t.ok(tensor[1]! > 50, 'the last column counts')
})

t.test('a picture that is smaller than the crop is padded with black, as in torchvision and in transformers', async t => {
  const tensor = new Uint8Array(9)
  for (const [rounding, expected] of [
    // The picture becomes 2 × 2 in a frame of 3 × 3. torchvision pads on the right and at the bottom, transformers on the left and at the top.
    ['torchvision', [7, 7, 0, 7, 7, 0, 0, 0, 0]], ['transformers', [0, 0, 0, 0, 7, 7, 0, 7, 7]]
  ] as const) {
    writeImage(rgb(Uint8Array.of(7, 7, 7, 7), 2, 2), { ...base, width: 3, height: 3, colour: 'grey', resize: { fit: 'cover', shorterSide: 2, filter: 'bilinear', rounding } }, tensor, 0)
    t.same([...tensor], expected, rounding)
  }
})

t.test('stretch to a shorter side crops the centre of the square', async t => {
  const tensor = new Uint8Array(4)
  const square = Uint8Array.from({ length: 16 }, (_, at) => at)
  writeImage(rgb(square, 4, 4), { ...base, colour: 'grey', resize: { fit: 'stretch', shorterSide: 4, filter: 'bilinear' } }, tensor, 0)
  t.same([...tensor], [5, 6, 9, 10])
})

t.test('contain with a longer side of its own crops the one side and pads the other', async t => {
  const tensor = new Uint8Array(4)
  writeImage(rgb(Uint8Array.of(1, 2, 3, 4), 4, 1), { ...base, colour: 'grey', resize: { fit: 'contain', longerSide: 4, filter: 'bilinear' } }, tensor, 0)
  t.same([...tensor], [2, 3, 255, 255])
})

function rgb (grey: Uint8Array, width: number, height: number) {
  return { data: Uint8Array.from([...grey].flatMap(value => [value, value, value])), width, height, channels: 3 }
}

for (const [shape, { orientation, file, pixels }] of [
  ...expected.orientations.map(each => ['a', each] as const), ...expected.tallOrientations.map(each => ['a tall', each] as const)
]) {
  t.test(`${shape} JPEG of orientation ${orientation} is written as it is shown, to the last bit of Pillow's`, async t => {
    const tensor = new Uint8Array(12 * 12 * 3)
    writeImage(new JpegScan(Buffer.from(file, 'base64')), { ...base, width: 12, height: 12, resize: { fit: 'cover', filter: 'bicubic' } }, tensor, 0)
    t.ok(Buffer.from(pixels, 'base64').equals(tensor))
  })
}
