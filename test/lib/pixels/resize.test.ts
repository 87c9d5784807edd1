import sharp from 'sharp'
import t from 'tap'
import { photo } from '../../../bench/photo.ts'
import { JpegScan } from '../../../lib/pixels/jpeg.ts'
import { resize } from '../../../lib/pixels/resize.ts'
import { expected } from '../../fixtures/expected.ts'

const WIDE = { source: expected.source, width: 61, height: 37, resizes: expected.resizes }
// Pillow 13 resizes the height of most of these first.
const TALL = { source: expected.tallSource, width: 23, height: 71, resizes: expected.tallResizes }

for (const { source, resizes, ...size } of [WIDE, TALL]) {
  for (const { channels, filter, width, height, pixels } of resizes) {
    t.test(`${filter} from ${size.width} × ${size.height} to ${width} × ${height} with ${channels} channels is Pillow's answer to the last bit`, async t => {
      const data = Buffer.from(source[channels === 3 ? 'RGB' : 'L'], 'base64')
      const result = resize({ data, ...size, channels }, width, height, filter)
      t.match(result, { width, height, channels })
      t.ok(Buffer.from(pixels, 'base64').equals(result.data))
    })
  }
}

t.test('a crop is the same part of the whole', async t => {
  for (const [channels, source, size, [width, height]] of [
    [3, expected.source.RGB, WIDE, [40, 24]], [3, expected.tallSource.RGB, TALL, [36, 24]], [1, expected.tallSource.L, TALL, [36, 24]]
  ] as const) {
    const pixels = { data: Buffer.from(source, 'base64'), width: size.width, height: size.height, channels }
    const whole = resize(pixels, width, height, 'bilinear')
    const crop = resize(pixels, width, height, 'bilinear', { left: 8, top: 3, width: 24, height: 20 })
    t.match(crop, { width: 24, height: 20, channels })
    for (let y = 0; y < 20; y++) {
      const start = ((y + 3) * width + 8) * channels
      t.same(crop.data.subarray(y * 24 * channels, (y + 1) * 24 * channels), whole.data.subarray(start, start + 24 * channels), `row ${y} of ${channels} channels`)
    }
  }
})

t.test('a JPEG of each orientation gives the same pixels band by band as all at once', async t => {
  const stored = await sharp(await photo(700)).jpeg().toBuffer()
  const tall = await sharp(stored).resize(150, 700, { fit: 'fill' }).jpeg().toBuffer()
  const wide = await sharp(stored).resize(700, 150, { fit: 'fill' }).jpeg().toBuffer()
  for (const [file, orientation] of [stored, tall, wide].flatMap(file => [1, 2, 3, 4, 5, 6, 7, 8].map(orientation => [file, orientation] as const))) {
    const bytes = await sharp(file).withMetadata({ orientation }).jpeg().toBuffer()
    const { data, info } = await sharp(bytes, { autoOrient: true }).raw().toBuffer({ resolveWithObject: true })
    const pixels = { data, width: info.width, height: info.height, channels: 3 }
    for (const [width, height, filter] of [[64, 64, 'bicubic'], [20, 300, 'bicubic'], [900, 7, 'bicubic'], [9, 4, 'nearest'], [30, 5, 'box']] as const) {
      const crop = { left: 3, top: 1, width: width - 4, height: height - 1 }
      const result = resize(new JpegScan(bytes), width, height, filter, crop)
      t.ok(Buffer.from(resize(pixels, width, height, filter, crop).data).equals(result.data), `${info.width} × ${info.height}, orientation ${orientation}, ${width} × ${height}, ${filter}`)
    }
  }
})
