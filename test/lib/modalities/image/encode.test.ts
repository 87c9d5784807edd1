import sharp from 'sharp'
import t from 'tap'
import { imageEncoder } from '../../../../lib/modalities/image/encode.ts'
import type { Picture } from '../../../../lib/modalities/image/picture.ts'
import { picture } from '../../../fixtures/expected.ts'
import { smallPicture } from '../../../fixtures/model.ts'

/** A picture of one colour. */
async function plain (background: string): Promise<Picture> {
  return { bytes: await sharp({ create: { width: 8, height: 8, channels: 3, background } }).png().toBuffer(), width: 8, height: 8, decoder: 'libvips', isCmyk: false }
}

/** Memory that libvips takes for a baseline JPEG of 90 × 64 pixels: its rows, its result, and 2 MiB. */
const LIBVIPS_BYTES = 2 * 1024 * 1024 + 90 * 64 * (3 + 3)

const [orange, blue] = [await plain('#ff8000'), await plain('#0000ff')]

t.test('pictures become one tensor of the type and layout of the card', async t => {
  const { feeds: { image: bytes }, faults } = await imageEncoder(smallPicture).encode([orange, blue])
  t.same(faults, [])
  t.match(bytes, { dtype: 'uint8', shape: [2, 8, 8, 3] })
  t.same([...bytes!.data.slice(0, 3), ...bytes!.data.slice(192, 195)], [255, 128, 0, 0, 0, 255])
  const { feeds: { image: floats } } = await imageEncoder({
    ...smallPicture, type: 'float32', layout: 'NCHW', normalisation: { mean: [0, 0, 0], std: [0.5, 0.5, 0.5] }
  }).encode([orange])
  t.match(floats, { dtype: 'float32', shape: [1, 3, 8, 8] })
  t.same([floats!.data[0], floats!.data[64], floats!.data[128]], [2, Math.fround(128 / 255 / 0.5), 0])
})

t.test('float16 holds the bits of the numbers', async t => {
  const { feeds: { image } } = await imageEncoder({
    ...smallPicture, type: 'float16', normalisation: { mean: [0.5, 0, 0], std: [0.5, 1, 1] }
  }).encode([orange])
  t.match(image, { dtype: 'float16', shape: [1, 8, 8, 3] })
  // numpy.array([1, 128 / 255, 0], numpy.float16).view(numpy.uint16)
  t.same([...image!.data.slice(0, 3)], [0x3c00, 0x3804, 0x0000])
})

t.test('a JPEG in the order blue, green, red is read by the own decoder and equals the other order', async t => {
  const jpeg: Picture = { bytes: picture('rgb.jpg'), width: 90, height: 64, decoder: 'jpeg', isCmyk: false }
  const { feeds: { image: rgb } } = await imageEncoder(smallPicture).encode([jpeg])
  const { feeds: { image: bgr } } = await imageEncoder({ ...smallPicture, colour: 'bgr' }).encode([jpeg])
  const isSwapped = Array.from({ length: 192 }, (_, at) => bgr!.data[at] === rgb!.data[at - at % 3 + 2 - at % 3])
  t.ok(isSwapped.every(Boolean))
})

t.test('a picture that cannot be decoded is left out, and the next takes its place', async t => {
  const { feeds: { image }, faults } = await imageEncoder(smallPicture).encode([orange, { ...blue, bytes: Buffer.from('no picture') }, blue])
  t.match(faults, [{ at: 1, error: 'its header cannot be read' }])
  t.match(image, { shape: [2, 8, 8, 3] })
  t.equal(image?.data.length, 2 * 192)
  t.same(image?.data.slice(192, 195), Uint8Array.of(0, 0, 255))
})

t.test('a JPEG that its decoder gives up is to be decoded by libvips, with the memory that this takes', async t => {
  const bytes = Uint8Array.from(picture('rgb.jpg').subarray(0, 1500))
  const jpeg: Picture = { bytes, width: 90, height: 64, decoder: 'jpeg', isCmyk: false }
  const { feeds: { image }, faults: [fault, ...others] } = await imageEncoder(smallPicture).encode([jpeg])
  t.same(others, [])
  if (!fault || !('again' in fault)) return t.fail('it is not asked for again')
  t.match(fault, { at: 0, again: { content: { payload: { decoder: 'libvips', bytes } }, weightBytes: 1500 + LIBVIPS_BYTES, transfer: [bytes.buffer] } })
  t.match(image, { shape: [0, 8, 8, 3] })
  t.match(await imageEncoder(smallPicture).encode(['payload' in fault.again.content && fault.again.content.payload]), { faults: [{ at: 0, error: String }] }, 'libvips has the last word')
})

t.test('a file whose end is in its header is at fault, and libvips is not asked', async t => {
  const { faults } = await imageEncoder(smallPicture).encode([{ bytes: Uint8Array.from(picture('rgb.jpg').subarray(0, 20)), width: 90, height: 64, decoder: 'jpeg', isCmyk: false }])
  t.same(faults.map(({ at, ...fault }) => [at, Object.keys(fault)]), [[0, ['error']]])
})
