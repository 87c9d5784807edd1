import sharp from 'sharp'
import t from 'tap'
import type { ImageInput } from '../../../../lib/modalities/image/input.ts'
import { drawOverlay } from '../../../../lib/modalities/image/overlay.ts'
import { readPicture } from '../../../../lib/modalities/image/prepare.ts'

const input: ImageInput = {
  kind: 'image',
  tensor: 'image',
  type: 'uint8',
  layout: 'NHWC',
  width: 64,
  height: 64,
  colour: 'rgb',
  resize: { fit: 'cover', filter: 'bilinear' },
  background: '#ffffff'
}
const nothing = Array.from({ length: 9 }, () => new Array<number>(9).fill(0))

/** Draws a picture with two halves, the left one white, and answers the colour at a place of it. */
async function draw (importance: number[][], form: ImageInput = input, width = 300, height = 200) {
  const half = await sharp({ create: { width: width / 2, height, channels: 3, background: '#ffffff' } }).png().toBuffer()
  const raw = await sharp(half).extend({ right: width / 2, background: '#000000' }).png().toBuffer()
  const png = await drawOverlay(await readPicture({ name: 'it', bytes: raw }, form, { pixels: Infinity, characters: Infinity }), form, importance)
  const { data, info } = await sharp(png).removeAlpha().raw().toBuffer({ resolveWithObject: true })
  return { info, at: (x: number, y: number) => [...data.subarray((y * info.width + x) * 3, (y * info.width + x) * 3 + 3)] }
}

t.test('shows the part of the picture that the model sees, in its proportions', async t => {
  const cover = await draw(nothing)
  t.match(cover.info, { width: 448, height: 448 })
  t.ok(cover.at(10, 200)[0]! > 150 && cover.at(437, 200)[0]! < 30, 'the centre square: white on the left, black on the right')
  const contain = await draw(nothing, { ...input, resize: { fit: 'contain', filter: 'bilinear' } })
  t.ok(contain.at(437, 5)[0]! > 150, 'what pads has the colour of the background')
  t.ok(contain.at(437, 224)[0]! < 30)
  const cropped = await draw(nothing, { ...input, width: 32, height: 64, resize: { fit: 'cover', filter: 'bilinear', shorterSide: 128 } })
  t.match(cropped.info, { width: 224, height: 448 })
})

t.test('shows the crops and the padding of each library', async t => {
  // The square of 128 shows its left half white. The frame is the middle 64, of which the left half is white.
  const stretched = await draw(nothing, { ...input, resize: { fit: 'stretch', shorterSide: 128, filter: 'bilinear', rounding: 'transformers' } })
  t.match(stretched.info, { width: 448, height: 448 })
  t.ok(stretched.at(210, 5)[0]! > 150 && stretched.at(238, 5)[0]! < 30, 'the edge is in the middle')
  // 32 × 32 of the frame of 64 × 64 are picture, in the middle: pixels 112 to 336 of the overlay.
  const padded = await draw(nothing, { ...input, resize: { fit: 'cover', shorterSide: 32, filter: 'bilinear', rounding: 'torchvision' } }, 200, 200)
  t.ok(padded.at(100, 224)[0]! < 30 && padded.at(124, 224)[0]! > 150, 'the padding is black')
  const border = await draw(nothing, { ...input, resize: { fit: 'contain', longerSide: 128, filter: 'bilinear', rounding: 'torchvision' } }, 300, 60)
  // 128 × 26 of which 64 columns show; rows 133 to 315 of the overlay are picture.
  t.match(border.info, { width: 448, height: 448 })
  t.ok(border.at(437, 120)[0]! > 150 && border.at(437, 224)[0]! < 30 && border.at(437, 330)[0]! > 150, 'above and below is the background')
})

t.test('what speaks for the label glows orange, what speaks against it blue', async t => {
  const importance = nothing.map(line => [...line])
  importance[4]![1] = 0.5
  importance[4]![7] = -0.5
  const { at } = await draw(importance)
  const [red, , blue] = at(75, 224)
  t.ok(red! > blue! + 100, `${at(75, 224)}`)
  const [lessRed, , moreBlue] = at(373, 224)
  t.ok(moreBlue! > lessRed! + 50, `${at(373, 224)}`)
})
