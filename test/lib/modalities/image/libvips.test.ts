import { createHash } from 'node:crypto'
import t from 'tap'
import { writeImage } from '../../../../lib/modalities/image/fit.ts'
import { decodePicture, sniff, viewOf } from '../../../../lib/modalities/image/libvips.ts'
import type { Picture } from '../../../../lib/modalities/image/picture.ts'
import { expected, picture } from '../../../fixtures/expected.ts'
import { smallPicture } from '../../../fixtures/model.ts'

async function read (bytes: Uint8Array, name: string): Promise<Picture> {
  return { bytes, ...await sniff(bytes, name), decoder: 'libvips' }
}

// Lossless pictures come out as Pillow's to the last bit; lossy ones as far as two decoders differ.
const TOLERANCE: Record<string, number> = { 'rgb.jpg': 2, 'rotated.jpg': 2, 'rgb.avif': 6, 'cmyk.jpg': 2 }

for (const [name, { pixels8 }] of Object.entries(expected.pictures).filter(([name]) => name !== 'rgb.bmp')) {
  t.test(`${name} becomes the 8-bit RGB pixels that Pillow makes of it`, async t => {
    const pixels = await decodePicture(await read(picture(name), name), smallPicture.background)
    const tensor = new Uint8Array(8 * 8 * 3)
    writeImage(pixels, smallPicture, tensor, 0)
    const greatest = Buffer.from(pixels8, 'base64').reduce((most, value, at) => Math.max(most, Math.abs(value - tensor[at]!)), 0)
    t.ok(greatest <= (TOLERANCE[name] ?? 0), `greatest difference is ${greatest} grey levels`)
  })
}

for (const [name, { flattened }] of Object.entries(expected.pictures).filter(([name]) => name !== 'rgb.bmp')) {
  for (const [background, sha256] of Object.entries(flattened ?? {})) {
    t.test(`every pixel of ${name} on ${background} is Pillow's`, async t => {
      const { data, channels } = await decodePicture(await read(picture(name), name), background)
      t.equal(channels, 3)
      t.equal(createHash('sha256').update(data).digest('hex'), sha256)
    })
  }
}

t.test('the header tells the size as it is shown, and whether the colours are inks', async t => {
  t.same(await sniff(picture('rgb.png'), 'a'), { width: 90, height: 64, isCmyk: false })
  t.same(await sniff(picture('rotated.jpg'), 'a'), { width: 90, height: 64, isCmyk: false }, 'stored lying on its side')
  t.same(await sniff(picture('cmyk.jpg'), 'a'), { width: 90, height: 64, isCmyk: true })
})

t.test('a truncated picture is corrupt, not a guess', async t => {
  for (const name of ['rgb.jpg', 'rgb.png', 'rgb.webp', 'rgb.avif', 'animated.gif']) {
    const bytes = picture(name)
    await t.rejects(async () => await decodePicture(await read(bytes.subarray(0, bytes.length / 2), name), '#ffffff'), Error, name)
  }
  await t.rejects(sniff(picture('rgb.png').subarray(0, 20), 'a.png'), { code: 'SRV_IMAGE_CORRUPT', statusCode: 422, message: /^a\.png is a damaged or truncated image/ })
})

t.test('only the listed formats are opened', async t => {
  const svg = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="8" height="8"><rect width="8" height="8"/></svg>')
  const pdf = Buffer.from('%PDF-1.4\n%\n1 0 obj<</Type/Catalog>>endobj\n')
  await t.rejects(sniff(svg, 'a.svg'), { code: 'SRV_IMAGE_UNSUPPORTED', statusCode: 415 })
  await t.rejects(sniff(pdf, 'a.pdf'), { code: 'SRV_IMAGE_UNSUPPORTED', message: /application\/pdf/ })
  await t.rejects(sniff(picture('rgb.bmp'), 'a.bmp'), { code: 'SRV_IMAGE_UNSUPPORTED', message: /image\/bmp/ })
  await t.rejects(sniff(Buffer.from('hello'), 'a.txt'), { message: /a\.txt is not an image; send one of JPEG, PNG/ })
})

t.test('no more pixels are decoded than the header told', async t => {
  await t.rejects(decodePicture({ ...await read(picture('rgb.png'), 'a'), height: 10 }, '#ffffff'), { message: /pixel limit/ })
})

t.test('a view for people is a PNG of the wanted size; a picture that cannot be decoded has none', async t => {
  const png = await viewOf(await read(picture('rgb.png'), 'a'), smallPicture, 32, 32)
  t.match(await sniff(png, 'the view'), { width: 32, height: 32 })
  await t.rejects(viewOf({ ...await read(picture('rgb.png'), 'a'), bytes: picture('rgb.png').subarray(0, 600) }, smallPicture, 32, 32), Error)
})
