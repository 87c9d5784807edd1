import t from 'tap'
import { decodedBytes, type Header } from '../../../../lib/modalities/image/memory.ts'

const [width, height] = [8192, 6100]
const rgb: Header = { format: 'jpeg', width, height, channels: 3, depth: 'uchar', hasAlpha: false, isProgressive: false }
const rgba = { channels: 4, hasAlpha: true }

/** Bytes for each pixel of 50 megapixels, as the kernel counted them: docs/decisions/0008-memory-of-decoding.md. */
const MEASURED: Array<[string, number, Partial<Header>]> = [
  ['JPEG', 3.33, {}],
  ['JPEG, CMYK', 4.43, { channels: 4 }],
  ['JPEG, grey', 3.14, { channels: 1 }],
  ['JPEG, turned', 6.32, { orientation: 6 }],
  ['JPEG, progressive, 4:2:0', 6.33, { isProgressive: true, chromaSubsampling: '4:2:0' }],
  ['JPEG, progressive, 4:4:4', 9.32, { isProgressive: true, chromaSubsampling: '4:4:4' }],
  ['JPEG, progressive, 4:4:4, turned', 9.32, { isProgressive: true, chromaSubsampling: '4:4:4', orientation: 6 }],
  ['JPEG, progressive, CMYK', 12.43, { isProgressive: true, channels: 4 }],
  ['PNG, RGB', 3.31, { format: 'png' }],
  ['PNG, RGBA', 4.41, { format: 'png', ...rgba }],
  ['PNG, RGBA, interlaced', 8.05, { format: 'png', ...rgba, isProgressive: true }],
  ['PNG, 16-bit RGBA', 4.86, { format: 'png', ...rgba, depth: 'ushort' }],
  ['PNG, 16-bit RGBA, interlaced', 12.15, { format: 'png', ...rgba, depth: 'ushort', isProgressive: true }],
  ['PNG, 16-bit RGBA, interlaced, turned', 16.07, { format: 'png', ...rgba, depth: 'ushort', isProgressive: true, orientation: 6 }],
  ['WebP', 8.13, { format: 'webp' }],
  ['WebP, transparent', 8.58, { format: 'webp', ...rgba }],
  ['GIF', 7.3, { format: 'gif' }],
  ['AVIF, 4:4:4', 18.19, { format: 'heif' }],
  ['AVIF, 4:4:4, transparent', 18.21, { format: 'heif', ...rgba }],
  ['AVIF, 10 bits', 24.4, { format: 'heif', depth: 'ushort' }],
  ['TIFF, tiles of 1,024 pixels', 5.81, { format: 'tiff' }],
  ['TIFF, turned', 6.3, { format: 'tiff', orientation: 6 }],
  ['TIFF, float', 4.28, { format: 'tiff', depth: 'float' }]
]

t.test('no picture is given less memory than it was measured to take', async t => {
  for (const [name, bytes, header] of MEASURED) {
    const weight = decodedBytes({ ...rgb, ...header }) / (width * height)
    t.ok(weight >= bytes, `${name}: ${weight.toFixed(2)} of ${bytes} bytes per pixel`)
  }
})

t.test('only for TIFF, whose header does not say all, the memory is more than a fifth too much', async t => {
  for (const [name, bytes, header] of MEASURED.filter(([, , { format }]) => format !== 'tiff')) {
    const weight = decodedBytes({ ...rgb, ...header }) / (width * height)
    t.ok(weight <= bytes * 1.2, `${name}: ${weight.toFixed(2)} of ${bytes} bytes per pixel`)
  }
})

t.test('an animation takes the memory of a second canvas', async t => {
  const canvas = { ...rgb, ...rgba, format: 'webp', width: 4096, height: 3050 }
  t.ok(decodedBytes({ ...canvas, pages: 4 }) / (4096 * 3050) >= 12.85)
})

t.test('samples of an unknown type count as the largest', async t => {
  t.equal(decodedBytes({ ...rgb, depth: 'dpcomplex' }), decodedBytes({ ...rgb, depth: 'double' }))
  t.ok(decodedBytes({ ...rgb, format: 'jp2k' }) > decodedBytes(rgb), 'and an unknown format as one that holds the picture')
})
