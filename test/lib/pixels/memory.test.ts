import sharp from 'sharp'
import t from 'tap'
import { photo } from '../../../bench/photo.ts'
import { readJpegFrame } from '../../../lib/pixels/jpeg-header.ts'
import { JpegScan } from '../../../lib/pixels/jpeg.ts'
import { decodingBytes } from '../../../lib/pixels/memory.ts'
import type { Filter, PixelSource, Window } from '../../../lib/pixels/pixels.ts'
import { resize } from '../../../lib/pixels/resize.ts'

t.test('decoding and resizing take at most the memory that decodingBytes tells', async t => {
  for (const source of [{ width: 20, height: 15 }, { width: 333, height: 250 }, { width: 2000, height: 1500 }, { width: 300, height: 2000 }, { width: 2000, height: 300 }]) {
    const picture = await sharp(await photo(Math.max(source.width, source.height))).resize({ ...source, fit: 'fill' }).jpeg().toBuffer()
    for (const chromaSubsampling of ['4:4:4', '4:2:0']) {
      for (const orientation of [1, 3, 6, 8]) {
        const bytes = await sharp(picture).withMetadata({ orientation }).jpeg({ chromaSubsampling }).toBuffer()
        for (const [width, height, filter] of [[64, 64, 'bilinear'], [8, 224, 'lanczos'], [384, 30, 'bicubic'], [1, 1, 'lanczos'], [5, 400, 'box'], [700, 3, 'nearest']] as const) {
          const whole = memoryOf(bytes, width, height, filter)
          t.ok(whole.taken <= whole.bound, `${source.width} × ${source.height}, ${chromaSubsampling}, orientation ${orientation}, ${width} × ${height}: ${whole.taken} of ${whole.bound} bytes`)
          const cropped = memoryOf(bytes, width + 20, height + 9, filter, { left: 10, top: 5, width, height })
          t.ok(cropped.taken <= cropped.bound, `the same cropped: ${cropped.taken} of ${cropped.bound} bytes`)
        }
      }
    }
  }
})

t.test('decodingBytes is far below the pixels of a large photo', async t => {
  t.ok(decodingBytes({ width: 4000, height: 3000 }, { width: 64, height: 64 }, 'bicubic') < 4000 * 3000 * 4 / 3)
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
  return { taken, bound: decodingBytes(frame, crop, filter) }
}
