import sharp from 'sharp'
import t from 'tap'
import { photo } from '../../../bench/photo.ts'
import { readJpegFrame } from '../../../lib/pixels/jpeg-header.ts'
import { JpegScan, scanBytes } from '../../../lib/pixels/jpeg.ts'
import type { PixelSource, Window } from '../../../lib/pixels/pixels.ts'
import { resize, resizeBytes, type Filter } from '../../../lib/pixels/resize.ts'
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

t.test('decoding and resizing take at most the memory that scanBytes and resizeBytes tell', async t => {
  for (const side of [20, 333, 2000]) {
    const picture = await photo(side)
    for (const chromaSubsampling of ['4:4:4', '4:2:0']) {
      for (const orientation of [1, 3, 6, 8]) {
        const bytes = await sharp(picture).withMetadata({ orientation }).jpeg({ chromaSubsampling }).toBuffer()
        for (const [width, height, filter] of [[64, 64, 'bilinear'], [8, 224, 'lanczos'], [384, 30, 'bicubic'], [1, 1, 'lanczos']] as const) {
          const whole = memoryOf(bytes, width, height, filter)
          t.ok(whole.taken <= whole.bound, `${side}, ${chromaSubsampling}, orientation ${orientation}, ${width} × ${height}: ${whole.taken} of ${whole.bound} bytes`)
          const cropped = memoryOf(bytes, width + 20, height + 9, filter, { left: 10, top: 5, width, height })
          t.ok(cropped.taken <= cropped.bound, `the same cropped: ${cropped.taken} of ${cropped.bound} bytes`)
        }
      }
    }
  }
})

t.test('scanBytes and resizeBytes tell at most three times the memory that a large photo takes', async t => {
  const picture = await photo(3000)
  // The bounds do not know the orientation: they hold for a rotated photo, which takes more than an upright one.
  for (const [orientation, filter] of [[1, 'bilinear'], [6, 'bilinear'], [6, 'bicubic'], [6, 'lanczos']] as const) {
    const bytes = await sharp(picture).withMetadata({ orientation }).jpeg({ quality: 95 }).toBuffer()
    const { taken, bound } = memoryOf(bytes, 64, 64, filter)
    t.ok(bound <= 3 * taken, `orientation ${orientation}, ${filter}: ${taken} of ${bound} bytes`)
  }
})

t.test('the default filter of resizeBytes is the one that takes most', async t => {
  for (const filter of ['bilinear', 'bicubic', 'lanczos'] as const) {
    t.ok(resizeBytes({ width: 4000, height: 3000 }, 64, 64, filter) <= resizeBytes({ width: 4000, height: 3000 }, 64, 64), filter)
  }
})

/** WebAssembly memory that it takes to decode and resize a JPEG, and its upper bound. */
function memoryOf (bytes: Buffer, width: number, height: number, filter: Filter, crop: Window = { left: 0, top: 0, width, height }) {
  const scan = new JpegScan(bytes)
  let taken = 0
  const source: PixelSource = {
    width: scan.width,
    height: scan.height,
    channels: scan.channels,
    orientation: scan.orientation,
    bands: (window, arena) => {
      const bands = scan.bands(window, arena)
      taken = arena.bytes
      return bands
    }
  }
  resize(source, width, height, filter, crop)
  const frame = readJpegFrame(bytes)!
  return { taken, bound: scanBytes(frame) + resizeBytes(frame, crop.width, crop.height, filter) }
}
