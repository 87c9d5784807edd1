import t, { type Test } from 'tap'
import { geometryOf } from '../../../../lib/modalities/image/geometry.ts'
import type { ImageInput } from '../../../../lib/modalities/image/input.ts'
import { smallPicture } from '../../../fixtures/model.ts'

type Resize = ImageInput['resize']

/** Width and height of a picture, the card's number for the resize, side of the crop; then width and height of the resized picture, left and top of the crop. */
type Case = [number, number, number, number, number, number, number, number]

function check (t: Test, cases: Case[], resizeOf: (side: number) => Resize): void {
  for (const [width, height, side, crop, ...expected] of cases) {
    const { resized, left, top } = geometryOf({ width, height }, { ...smallPicture, width: crop, height: crop, resize: resizeOf(side) })
    t.same([resized.width, resized.height, left + 0, top + 0], expected, `${width} × ${height} to ${side}, cropped to ${crop}`)
  }
}

t.test('torchvision cuts off the longer side and rounds the start of a crop half to even', async t => {
  // torchvision 0.29.2: _compute_resized_output_size, and center_crop of a picture of its own coordinates.
  check(t, [
    [17, 40, 8, 8, 8, 18, 0, 5], [40, 17, 9, 8, 21, 9, 6, 0], [7, 300, 16, 16, 16, 685, 0, 334], [5, 8, 16, 9, 16, 25, 4, 8],
    [1000, 667, 256, 224, 383, 256, 80, 16], [667, 1000, 235, 224, 235, 352, 6, 64]
  ], shorterSide => ({ fit: 'cover', shorterSide, filter: 'bilinear', rounding: 'torchvision' }))
})

t.test('torchvision pads a picture that is smaller than the crop, with the smaller half first', async t => {
  check(t, [[100, 99, 10, 16, 10, 10, -3, -3], [33, 50, 13, 18, 13, 19, -2, 0], [6, 200, 10, 15, 10, 333, -2, 159]],
    shorterSide => ({ fit: 'cover', shorterSide, filter: 'bilinear', rounding: 'torchvision' }))
})

t.test('transformers cuts off the longer side, and rounds the start of a crop and of the padding down', async t => {
  // transformers 4.57.6: get_resize_output_image_size, and center_crop of a picture of its own coordinates.
  check(t, [
    [17, 40, 8, 8, 8, 18, 0, 5], [5, 8, 16, 9, 16, 25, 3, 8], [33, 50, 13, 18, 13, 19, -3, 0],
    [1000, 667, 256, 224, 383, 256, 79, 16], [667, 1000, 235, 224, 235, 352, 5, 64], [6, 200, 10, 15, 10, 333, -3, 159]
  ], shorterSide => ({ fit: 'cover', shorterSide, filter: 'bilinear', rounding: 'transformers' }))
})

t.test("contain with a longer side of its own is timm's crop mode border", async t => {
  // timm 1.0.31: ResizeKeepRatio(longest=1) and CenterCropOrPad.
  check(t, [
    [17, 40, 8, 8, 3, 8, -2, 0], [5, 8, 16, 9, 10, 16, 0, 4], [33, 50, 13, 18, 9, 13, -4, -2], [1000, 667, 256, 224, 256, 171, 16, -26],
    [45, 53, 4, 6, 3, 4, -1, -1], [19, 44, 26, 17, 11, 26, -3, 4]
  ], longerSide => ({ fit: 'contain', longerSide, filter: 'bilinear', rounding: 'torchvision' }))
})

t.test('stretch to a shorter side makes a square of it, from which the centre is cropped', async t => {
  // transformers 4.57.6, DeiTImageProcessor(size=21, crop_size=16): resize to 21 × 21, then center_crop.
  check(t, [[100, 40, 21, 16, 21, 21, 2, 2]], shorterSide => ({ fit: 'stretch', shorterSide, filter: 'bicubic', rounding: 'transformers' }))
  // timm 1.0.31, crop mode squash: Resize((21, 21)), CenterCrop(16).
  check(t, [[100, 40, 23, 16, 23, 23, 4, 4]], shorterSide => ({ fit: 'stretch', shorterSide, filter: 'bicubic', rounding: 'torchvision' }))
})

t.test('without a rounding of a library, the longer side is rounded half to even and a crop starts at the floor', async t => {
  check(t, [[1000, 667, 256, 224, 384, 256, 80, 16], [5, 2, 5, 5, 12, 5, 3, 0]], shorterSide => ({ fit: 'cover', shorterSide, filter: 'bilinear' }))
})

t.test('without a shorter side, a picture covers the frame of any proportions', async t => {
  const input = { ...smallPicture, width: 30, height: 20 }
  const resize = { fit: 'cover', filter: 'bilinear' } as const
  // int(30 * 47 / 33) is 42; 42.7 rounded is 43.
  t.match(geometryOf({ width: 33, height: 47 }, { ...input, resize: { ...resize, rounding: 'torchvision' } }), { resized: { width: 30, height: 42 }, left: 0, top: 11 })
  t.match(geometryOf({ width: 33, height: 47 }, { ...input, resize }), { resized: { width: 30, height: 43 }, left: 0, top: 11 })
  t.match(geometryOf({ width: 99, height: 35 }, { ...input, resize: { ...resize, rounding: 'transformers' } }), { resized: { width: 56, height: 20 }, left: 13, top: 0 })
})

t.test('the padding has the background of the card, and is black where a library pads with zeros or the card inverts', async t => {
  const input: ImageInput = { ...smallPicture, background: '#102030' }
  const contain = { fit: 'contain', filter: 'bilinear' } as const
  t.equal(geometryOf({ width: 5, height: 8 }, { ...input, resize: contain }).padding, '#102030')
  t.equal(geometryOf({ width: 5, height: 8 }, { ...input, resize: contain, invert: 'auto' }).padding, '#000000')
  t.equal(geometryOf({ width: 5, height: 8 }, { ...input, resize: { fit: 'cover', shorterSide: 4, rounding: 'torchvision', filter: 'bilinear' } }).padding, '#000000')
})
