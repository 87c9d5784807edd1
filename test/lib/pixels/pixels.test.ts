import t from 'tap'
import { readJpegHeader } from '../../../lib/pixels/jpeg-header.ts'
import { JpegScan } from '../../../lib/pixels/jpeg.ts'
import { FILTER_SUPPORT, MAX_BAND_ROWS } from '../../../lib/pixels/pixels.ts'
import { Arena } from '../../../lib/pixels/simd.ts'
import { expected } from '../../fixtures/expected.ts'

t.test("the filters reach as far as Pillow's", async t => {
  // https://github.com/python-pillow/Pillow/blob/main/src/libImaging/Resample.c
  t.same(FILTER_SUPPORT, { nearest: 0, box: 0.5, bilinear: 1, hamming: 1, bicubic: 2, lanczos: 3 })
})

t.test('the bands of a picture follow one another, with no more rows than a band may have', async t => {
  const files = expected.jpegs.map(({ file }) => Buffer.from(file, 'base64')).filter(bytes => readJpegHeader(bytes))
  for (const bytes of files) {
    const arena = new Arena()
    const bands = new JpegScan(bytes).bands({ left: 3, top: 5, width: 70, height: 31 }, arena)
    arena.memory()
    let next = 5
    for (const { top, rows } of bands()) {
      if (top !== next || rows < 1 || rows > MAX_BAND_ROWS) t.fail(`${rows} rows from ${top}`)
      next += rows
    }
    t.equal(next, 5 + 31)
  }
})
