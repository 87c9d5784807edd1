import { crc32, deflateSync } from 'node:zlib'
import t from 'tap'
import type { Picture } from '../../../../lib/modalities/image/picture.ts'
import { imageModality, readPicture } from '../../../../lib/modalities/image/prepare.ts'
import { JpegScan } from '../../../../lib/pixels/jpeg.ts'
import { picture } from '../../../fixtures/expected.ts'
import { smallPicture } from '../../../fixtures/model.ts'

const limits = { pixels: 1_000_000, characters: Infinity }
const modality = imageModality(smallPicture)

async function read (bytes: Uint8Array, name: string, pixels = limits.pixels): Promise<Picture> {
  return await readPicture({ name, bytes }, smallPicture, { ...limits, pixels })
}

t.test('common JPEGs are known as such, also those that lie on their side', async t => {
  for (const [name, decoder] of [['rgb.jpg', 'jpeg'], ['rotated.jpg', 'jpeg'], ['cmyk.jpg', 'libvips'], ['rgb.png', 'libvips']] as const) {
    t.equal((await read(picture(name), name)).decoder, decoder, name)
  }
  t.equal((await readPicture({ name: 'a', bytes: picture('rgb.jpg') }, { ...smallPicture, colour: 'grey' }, limits)).decoder, 'libvips', 'for a model of grey pictures')
})

t.test('the pixel limit holds on the header, before memory is spent', async t => {
  const bomb = hugePng(20_000, 20_000)
  const before = process.memoryUsage().rss
  await t.rejects(read(bomb, "file 'bomb.png'", 50_000_000), {
    code: 'SRV_IMAGE_TOO_LARGE', statusCode: 422, message: /'bomb\.png' has 20000 × 20000 pixels, over the limit of 50000000 \(PIXEL_LIMIT\)/
  })
  t.ok(process.memoryUsage().rss - before < 100_000_000, 'a 400-megapixel picture costs no memory')
  await t.rejects(read(picture('rgb.jpg'), 'a', 90 * 64 - 1), { code: 'SRV_IMAGE_TOO_LARGE' }, 'also for a JPEG that libvips does not see')
  t.match(await read(picture('rgb.jpg'), 'a', 90 * 64), { width: 90, height: 64 })
})

t.test('a strip of a picture is refused on its header', async t => {
  await t.rejects(read(hugePng(1, 40_000), "file 'strip.png'"), {
    code: 'SRV_IMAGE_TOO_LARGE', message: /'strip\.png' has a side of 40000 pixels, over the limit of 16384/
  })
})

t.test('what is empty is no picture', async t => {
  await t.rejects(read(Buffer.alloc(0), 'a.jpg'), { code: 'SRV_INPUT_EMPTY', statusCode: 400, message: 'a.jpg is empty (0 bytes).' })
})

t.test('bytes move to the worker only where nobody else needs them', async t => {
  const bytes = Uint8Array.from(picture('rgb.png'))
  t.equal((await modality.prepare({ name: 'a', bytes, isMovable: true }, limits)).transfer[0], bytes.buffer)
  t.same((await modality.prepare({ name: 'a', bytes }, limits)).transfer, [])
})

t.test('the example costs what a photo costs', async t => {
  const example = await modality.example()
  if (!('bytes' in example)) return t.fail('it is no picture')
  const { width, height } = new JpegScan(example.bytes)
  t.same([width, height], [512, 384])
  t.ok(example.bytes.length > 20_000, 'it has detail')
})

t.test('a picture that the worker refuses is corrupt, and named', async t => {
  t.match(modality.damaged({ name: "file 'a.png'", bytes: new Uint8Array() }, 'bad checksum'), {
    code: 'SRV_IMAGE_CORRUPT', statusCode: 422, message: "file 'a.png' is a damaged or truncated image: bad checksum. Send the whole file, or save the picture anew."
  })
})

t.test('a file is one picture', async t => {
  const bytes = picture('rgb.png')
  t.same(await modality.fromFile(bytes, 'a/b.png'), [{ item: { name: "file 'a/b.png'", bytes }, name: 'a/b.png' }])
})

t.test('the size in words is height × width × channels', async t => {
  t.equal(imageModality({ ...smallPicture, width: 3, height: 5, colour: 'grey' }).size, '5x3x1')
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

t.test('a tensor that the client made of its picture needs no decoding, and cannot be explained', async t => {
  const item = { feeds: { image: { dtype: 'uint8' as const, shape: [1, 8, 8, 3], data: new Uint8Array(192) } } }
  const row = await modality.prepare(item, limits)
  t.match(row, { content: item, weightBytes: 0, isSlow: false })
  t.equal(modality.nameOf(item, 2, 4), 'instance 3')
  t.match(modality.refused?.(item, 'bad tensor'), { statusCode: 422, message: 'the model cannot run on the tensor: bad tensor' })
  t.equal(modality.refused?.({ name: 'a', bytes: new Uint8Array() }, 'bad'), null, 'a picture is not at fault')
  await t.rejects(modality.explain(row, undefined, 1, { probabilities: async () => [], whenMemory: async (_bytes, decode) => await decode() }), { statusCode: 422, message: /send the file of the picture/ })
})
