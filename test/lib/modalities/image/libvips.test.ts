import { createHash } from 'node:crypto'
import t from 'tap'
import { writeImage } from '../../../../lib/modalities/image/fit.ts'
import { decodePicture, sniff, viewOf } from '../../../../lib/modalities/image/libvips.ts'
import type { Picture } from '../../../../lib/modalities/image/picture.ts'
import { expected, picture } from '../../../fixtures/expected.ts'
import { smallPicture } from '../../../fixtures/model.ts'

/** What a TIFF's tag PhotometricInterpretation says about its colours. */
const GREY = 1
const RGB = 2
const INKS = 5

async function read (bytes: Uint8Array, name: string): Promise<Picture> {
  return { bytes, ...await sniff(bytes, name), decoder: 'libvips' }
}

// All come out as Pillow's to the last bit, except AVIF, of which two decoders make different colours.
const TOLERANCE: Record<string, number> = { 'rgb.avif': 2 }

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

t.test('around a GIF frame that is smaller than its canvas there is black, or the background if the frame has a transparent colour', async t => {
  // A frame of 3 × 2 pixels at (1, 1) on a canvas of 6 × 5. Its first pixel has the colour 1 of the palette.
  for (const [file, outside] of [
    ['R0lGODlhBgAFAIEDAMgACdIUJ9woReY8YywBAAEAAwACAAACBQzFMRRXADs=', [0, 0, 0]],
    ['R0lGODlhBgAFAIEDAMgACdIUJ9woReY8YyH5BAEAAAIALAEAAQADAAIAAAIFDMUxFFcAOw==', [255, 255, 255]]
  ] as const) {
    const { data, width, height } = await decodePicture(await read(Buffer.from(file, 'base64'), 'small.gif'), smallPicture.background)
    t.same([width, height], [6, 5])
    t.same([...data.subarray(0, 3)], outside)
    t.same([...data.subarray(3 * 7, 3 * 8)], [210, 20, 39])
  }
})

t.test('the header tells the size as it is shown, and whether the colours are inks', async t => {
  t.match(await sniff(picture('rgb.png'), 'a'), { width: 90, height: 64, isCmyk: false })
  t.match(await sniff(picture('rotated.jpg'), 'a'), { width: 90, height: 64, isCmyk: false }, 'stored lying on its side')
  t.match(await sniff(picture('cmyk.jpg'), 'a'), { width: 90, height: 64, isCmyk: true })
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
t.test('more channels than colours and transparency are refused on the header', async t => {
  t.match(await read(tiff(INKS, 4), 'inks.tiff'), { isCmyk: true, decoder: 'libvips' })
  await t.rejects(read(tiff(INKS, 5), "file 'inks.tiff'"), {
    code: 'SRV_IMAGE_UNSUPPORTED', statusCode: 415, message: /'inks\.tiff' is a CMYK image with transparency, which is not supported; send one of JPEG/
  })
  for (const [colours, channels] of [[GREY, 3], [RGB, 5]] as const) {
    await t.rejects(read(tiff(colours, channels), 'a.tiff'), {
      code: 'SRV_IMAGE_UNSUPPORTED', message: new RegExp(`a\\.tiff is an image with ${channels} channels, which is not supported`)
    })
  }
})

/** A TIFF of one black pixel, with channels that the colours may not need. `photometric` is one of the numbers above. */
function tiff (photometric: number, channels: number): Buffer {
  const tags = [
    [256, 1], [257, 1], [258, 8], [259, 1], [262, photometric], [273, 0], [277, channels], [278, 1], [279, channels], [284, 1]
  ] as const
  const bits = 8 + 2 + 12 * tags.length + 4
  const file = Buffer.alloc(bits + 2 * channels + channels)
  file.write('II*\0\x08', 'latin1')
  file.writeUInt16LE(tags.length, 8)
  for (const [at, [tag, value]] of tags.entries()) {
    const entry = 10 + 12 * at
    file.writeUInt16LE(tag, entry)
    file.writeUInt16LE(3, entry + 2)
    file.writeUInt32LE(tag === 258 ? channels : 1, entry + 4)
    const offset = tag === 258 ? bits : bits + 2 * channels
    file.writeUInt32LE((tag === 258 && channels > 2) || tag === 273 ? offset : value, entry + 8)
  }
  for (let channel = 0; channel < channels; channel++) file.writeUInt16LE(8, bits + 2 * channel)
  return file
}
