import sharp from 'sharp'
import t from 'tap'
import { decodeBitmap, isBmp, readBitmap } from '../../../../lib/modalities/image/bmp.ts'
import { decodePicture, sniff, viewOf } from '../../../../lib/modalities/image/libvips.ts'
import { expected, picture } from '../../../fixtures/expected.ts'
import { smallPicture } from '../../../fixtures/model.ts'
import { turnsOf } from '../../../turns.ts'

/** Where the fields of a BMP with 24 bits are. */
const FIELDS = { offset: 10, headerSize: 14, width: 18, height: 22, bits: 28, compression: 30 }

/** The BMP of the fixtures with one field changed. */
function changed (field: keyof typeof FIELDS, value: number): Buffer {
  const bytes = picture('rgb.bmp')
  if (field === 'bits') bytes.writeUInt16LE(value, FIELDS[field])
  else bytes.writeInt32LE(value, FIELDS[field])
  return bytes
}

for (const { kind, file, pixels } of expected.bitmaps) {
  t.test(`every pixel of a BMP of ${kind} is Pillow's`, async t => {
    const bytes = Buffer.from(file, 'base64')
    const header = await sniff(bytes, 'a.bmp')
    t.match(header, { width: 7, height: 5, isCmyk: false })
    const { data, channels } = await decodePicture({ bytes, ...header, decoder: 'libvips' }, '#ffffff')
    t.equal(channels, 3)
    t.same([...data], [...Buffer.from(pixels, 'base64')])
  })
}

t.test('only a file with its two letters is a BMP', async t => {
  t.ok(isBmp(picture('rgb.bmp')))
  t.notOk(isBmp(picture('rgb.png')))
  t.notOk(isBmp(Buffer.from('B')))
})

t.test('the view of a BMP is drawn for people', async t => {
  const bytes = picture('rgb.bmp')
  const view = await viewOf({ bytes, ...await sniff(bytes, 'a.bmp'), decoder: 'libvips' }, smallPicture, 32, 32)
  const same = await viewOf({ bytes: picture('rgb.png'), ...await sniff(picture('rgb.png'), 'a.png'), decoder: 'libvips' }, smallPicture, 32, 32)
  const pixelsOf = async (png: Buffer) => await sharp(png).raw().toBuffer()
  t.same(await pixelsOf(view), await pixelsOf(same))
})

t.test('an unusual BMP is refused with the way to a PNG', async t => {
  const unusual = [changed('compression', 1), changed('compression', 4), changed('bits', 2), changed('headerSize', 41), Buffer.from('BMW has four letters too many'), Buffer.from('BM')]
  const masks = Buffer.from(expected.bitmaps.find(({ kind }) => kind === '32 bits with masks')!.file, 'base64')
  masks.writeUInt32LE(0xfff, 54)
  for (const bytes of [...unusual, masks]) {
    await t.rejects(sniff(bytes, 'a.bmp'), { code: 'SRV_IMAGE_UNSUPPORTED', message: /^a\.bmp is an unusual kind of BMP, which is not supported; save it as PNG, which keeps every pixel/ })
  }
})

t.test('a damaged BMP is refused by its header, before memory is taken for its pixels', async t => {
  const whole = picture('rgb.bmp')
  for (const [bytes, reason] of [
    [whole.subarray(0, 30), 'it ends in its header'], [whole.subarray(0, 1000), 'it is cut off: it has 1000 of 17460 bytes'],
    [changed('width', 0), 'its size is 0 × 64'], [changed('width', -5), 'its size is -5 × 64'], [changed('height', 0), 'its size is 90 × 0'],
    [changed('width', 2 ** 31 - 1), /cut off/], [changed('height', -(2 ** 31)), /cut off/], [changed('offset', 2 ** 31 - 1), /cut off/],
    [changed('bits', 8), 'it ends in its palette']
  ] as const) {
    const file = bytes.length === whole.length && reason === 'it ends in its palette' ? bytes.subarray(0, 200) : bytes
    await t.rejects(sniff(file, 'a.bmp'), { code: 'SRV_IMAGE_CORRUPT', message: reason })
  }
})

t.test('the padding of the last row may be missing', async t => {
  const { file, pixels } = expected.bitmaps.find(({ kind }) => kind === '24 bits')!
  const bytes = Buffer.from(file, 'base64').subarray(0, -3)
  const { data } = await decodeBitmap(bytes, readBitmap(bytes)!)
  t.same([...data], [...Buffer.from(pixels, 'base64')])
})

t.test('a large BMP leaves the event loop to others while it is decoded', async t => {
  const bytes = Buffer.concat([picture('rgb.bmp').subarray(0, 54), Buffer.alloc(8 + 3000 * 376)])
  bytes.writeUInt32LE(62, FIELDS.offset)
  bytes.writeInt32LE(3000, FIELDS.width)
  bytes.writeInt32LE(3000, FIELDS.height)
  bytes.writeUInt16LE(1, FIELDS.bits)
  t.ok(await turnsOf(async () => await decodeBitmap(bytes, readBitmap(bytes)!)) >= 10)
})

t.test('so does one whose only row is as long as many', async t => {
  const width = 9_000_000
  const bytes = Buffer.concat([picture('rgb.bmp').subarray(0, 54), Buffer.from([0, 0, 0, 0, 255, 255, 255, 0]), Buffer.alloc(width / 8)])
  bytes.fill(0xff, 62 + width / 16)
  bytes.writeUInt32LE(62, FIELDS.offset)
  bytes.writeInt32LE(width, FIELDS.width)
  bytes.writeInt32LE(1, FIELDS.height)
  bytes.writeUInt16LE(1, FIELDS.bits)
  let data: Uint8Array = new Uint8Array()
  t.ok(await turnsOf(async () => { data = (await decodeBitmap(bytes, readBitmap(bytes)!)).data }) >= 10)
  t.equal(data.indexOf(255), 3 * width / 2, 'the left half is black')
  t.equal(data.lastIndexOf(0), 3 * width / 2 - 1, 'and the right half white')
})
