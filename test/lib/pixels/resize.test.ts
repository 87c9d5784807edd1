import sharp from 'sharp'
import t from 'tap'
import { photo } from '../../../bench/photo.ts'
import { JpegScan } from '../../../lib/pixels/jpeg.ts'
import { resize } from '../../../lib/pixels/resize.ts'
import { expected } from '../../fixtures/expected.ts'

for (const { channels, filter, width, height, pixels } of expected.resizes) {
  t.test(`${filter} to ${width} × ${height} with ${channels} channels is Pillow's answer to the last bit`, async t => {
    const data = Buffer.from(expected.source[channels === 3 ? 'RGB' : 'L'], 'base64')
    const result = resize({ data, width: 61, height: 37, channels }, width, height, filter)
    t.match(result, { width, height, channels })
    t.ok(Buffer.from(pixels, 'base64').equals(result.data))
  })
}

t.test('a crop is the same part of the whole', async t => {
  const source = { data: Buffer.from(expected.source.RGB, 'base64'), width: 61, height: 37, channels: 3 }
  const whole = resize(source, 40, 24, 'bilinear')
  const crop = resize(source, 40, 24, 'bilinear', { left: 8, top: 3, width: 24, height: 20 })
  t.match(crop, { width: 24, height: 20, channels: 3 })
  for (let y = 0; y < 20; y++) {
    const start = ((y + 3) * 40 + 8) * 3
    t.same(crop.data.subarray(y * 72, (y + 1) * 72), whole.data.subarray(start, start + 72))
  }
})

t.test('a JPEG of each orientation gives the same pixels band by band as all at once', async t => {
  const stored = await sharp(await photo(700)).jpeg().toBuffer()
  for (let orientation = 1; orientation <= 8; orientation++) {
    const bytes = await sharp(stored).withMetadata({ orientation }).jpeg().toBuffer()
    const { data, info } = await sharp(bytes, { autoOrient: true }).raw().toBuffer({ resolveWithObject: true })
    const pixels = { data, width: info.width, height: info.height, channels: 3 }
    for (const [width, height] of [[64, 64], [20, 300], [900, 7]] as const) {
      const crop = { left: 3, top: 1, width: width - 4, height: height - 1 }
      const result = resize(new JpegScan(bytes), width, height, 'bicubic', crop)
      t.ok(Buffer.from(resize(pixels, width, height, 'bicubic', crop).data).equals(result.data), `orientation ${orientation}, ${width} × ${height}`)
    }
  }
})
