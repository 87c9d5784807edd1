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

async function read (bytes: Uint8Array, name: string, pixels: number): Promise<Picture> {
  return await readPicture({ name, bytes }, input, { pixels })
}

async function decode (name: string, background = input.background): Promise<Pixels> {
  return await decodePicture(await read(picture(name), name, LIMIT), background)
}

// Lossless pictures come out as Pillow's to the last bit; lossy ones as far as two decoders differ.
const TOLERANCE: Record<string, number> = { 'rgb.jpg': 2, 'rotated.jpg': 2, 'rgb.avif': 6, 'cmyk.jpg': 2 }

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

t.test('a strip of a picture is refused on its header', async t => {
  await t.rejects(read(hugePng(1, 40_000), "file 'strip.png'", LIMIT), {
    code: 'SRV_IMAGE_TOO_LARGE', message: /'strip\.png' has a side of 40000 pixels, over the limit of 16384/
  })
})

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
