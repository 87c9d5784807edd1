import { createHash } from 'node:crypto'
import { crc32, deflateSync } from 'node:zlib'
import t from 'tap'
import { writeImage } from '../../../../lib/modalities/image/fit.ts'
import type { ImageInput } from '../../../../lib/modalities/image/input.ts'
import { decodePicture } from '../../../../lib/modalities/image/libvips.ts'
import type { Picture } from '../../../../lib/modalities/image/picture.ts'
import { readPicture } from '../../../../lib/modalities/image/prepare.ts'
import type { Pixels } from '../../../../lib/pixels/pixels.ts'
import { expected, picture } from '../../../fixtures/expected.ts'

const input: ImageInput = {
  kind: 'image',
  tensor: 'image',
  type: 'uint8',
  layout: 'NHWC',
  width: 8,
  height: 8,
  colour: 'rgb',
  resize: { fit: 'cover', filter: 'bilinear' },
  background: '#ffffff'
}
const LIMIT = 1_000_000

/** What a TIFF's tag PhotometricInterpretation says about its colours. */
const GREY = 1
const RGB = 2
const INKS = 5

async function read (bytes: Uint8Array, name: string, pixels: number): Promise<Picture> {
  return await readPicture({ name, bytes }, input, { pixels })
}

async function decode (name: string, background = input.background): Promise<Pixels> {
  return await decodePicture(await read(picture(name), name, LIMIT), background)
}

// All come out as Pillow's to the last bit, except AVIF, of which two decoders make different colours.
const TOLERANCE: Record<string, number> = { 'rgb.avif': 2 }

for (const [name, { pixels8 }] of Object.entries(expected.pictures).filter(([name]) => name !== 'rgb.bmp')) {
  t.test(`${name} becomes the 8-bit RGB pixels that Pillow makes of it`, async t => {
    const pixels = await decode(name)
    const tensor = new Uint8Array(8 * 8 * 3)
    writeImage(pixels, input, tensor, 0)
    const greatest = Buffer.from(pixels8, 'base64').reduce((most, value, at) => Math.max(most, Math.abs(value - tensor[at]!)), 0)
    t.ok(greatest <= (TOLERANCE[name] ?? 0), `greatest difference is ${greatest} grey levels`)
  })
}

for (const [name, { flattened }] of Object.entries(expected.pictures).filter(([name]) => name !== 'rgb.bmp')) {
  for (const [background, sha256] of Object.entries(flattened ?? {})) {
    t.test(`every pixel of ${name} on ${background} is Pillow's`, async t => {
      const { data, channels } = await decode(name, background)
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
    const { data, width, height } = await decodePicture(await read(Buffer.from(file, 'base64'), 'small.gif', LIMIT), input.background)
    t.same([width, height], [6, 5])
    t.same([...data.subarray(0, 3)], outside)
    t.same([...data.subarray(3 * 7, 3 * 8)], [210, 20, 39])
  }
})

t.test('common JPEGs are known as such, also those that lie on their side', async t => {
  for (const [name, decoder] of [['rgb.jpg', 'jpeg'], ['rotated.jpg', 'jpeg'], ['cmyk.jpg', 'libvips'], ['rgb.png', 'libvips']] as const) {
    t.equal((await read(picture(name), name, LIMIT)).decoder, decoder, name)
  }
})

t.test('the pixel limit holds on the header, before memory is spent', async t => {
  const bomb = hugePng(20_000, 20_000)
  const before = process.memoryUsage().rss
  await t.rejects(read(bomb, "file 'bomb.png'", 50_000_000), {
    code: 'SRV_IMAGE_TOO_LARGE', statusCode: 422, message: /'bomb\.png' has 20000 × 20000 pixels, over the limit of 50000000 \(PIXEL_LIMIT\)/
  })
  t.ok(process.memoryUsage().rss - before < 100_000_000, 'a 400-megapixel picture costs no memory')
})

t.test('a truncated picture is corrupt, not a guess', async t => {
  for (const name of ['rgb.jpg', 'rgb.png', 'rgb.webp', 'rgb.avif', 'animated.gif']) {
    const bytes = picture(name)
    await t.rejects(async () => await decodePicture(await read(bytes.subarray(0, bytes.length / 2), name, LIMIT), '#ffffff'), Error, name)
  }
})

t.test('only the listed formats are opened', async t => {
  const svg = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="8" height="8"><rect width="8" height="8"/></svg>')
  const pdf = Buffer.from('%PDF-1.4\n%\n1 0 obj<</Type/Catalog>>endobj\n')
  await t.rejects(read(svg, 'a.svg', LIMIT), { code: 'SRV_IMAGE_UNSUPPORTED', statusCode: 415 })
  await t.rejects(read(pdf, 'a.pdf', LIMIT), { code: 'SRV_IMAGE_UNSUPPORTED', message: /application\/pdf/ })
  await t.rejects(read(picture('rgb.bmp'), 'a.bmp', LIMIT), { code: 'SRV_IMAGE_UNSUPPORTED', message: /image\/bmp/ })
  await t.rejects(read(Buffer.from('hello'), 'a.txt', LIMIT), { message: /a\.txt is not an image; send one of JPEG, PNG/ })
  await t.rejects(read(Buffer.alloc(0), 'a.jpg', LIMIT), { code: 'SRV_INPUT_EMPTY', statusCode: 400 })
})

t.test('more channels than colours and transparency are refused on the header', async t => {
  t.match(await read(tiff(INKS, 4), 'inks.tiff', LIMIT), { isCmyk: true, decoder: 'libvips' })
  await t.rejects(read(tiff(INKS, 5), "file 'inks.tiff'", LIMIT), {
    code: 'SRV_IMAGE_UNSUPPORTED', statusCode: 415, message: /'inks\.tiff' is a CMYK image with transparency, which is not read here; send one of JPEG/
  })
  for (const [colours, channels] of [[GREY, 3], [RGB, 5]] as const) {
    await t.rejects(read(tiff(colours, channels), 'a.tiff', LIMIT), {
      code: 'SRV_IMAGE_UNSUPPORTED', message: new RegExp(`a\\.tiff is an image with ${channels} channels, which is not read here`)
    })
  }
})

t.test('a strip of a picture is refused on its header', async t => {
  await t.rejects(read(hugePng(1, 40_000), "file 'strip.png'", LIMIT), {
    code: 'SRV_IMAGE_TOO_LARGE', message: /'strip\.png' has a side of 40000 pixels, over the limit of 16384/
  })
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

/** A valid PNG header and a few bytes of data for a picture of any size. */
function hugePng (width: number, height: number): Buffer {
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(height, 4)
  header.set([8, 0, 0, 0, 0], 8)
  const chunk = (type: string, data: Buffer) => {
    const body = Buffer.concat([Buffer.from(type), data])
    const length = Buffer.alloc(4)
    length.writeUInt32BE(data.length)
    const sum = Buffer.alloc(4)
    sum.writeUInt32BE(crc32(body))
    return Buffer.concat([length, body, sum])
  }
  return Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), chunk('IHDR', header), chunk('IDAT', deflateSync(Buffer.alloc(1000))), chunk('IEND', Buffer.alloc(0))
  ])
}
