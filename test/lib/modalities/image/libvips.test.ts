import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { promisify } from 'node:util'
import sharp from 'sharp'
import t from 'tap'
import { writeImage } from '../../../../lib/modalities/image/fit.ts'
import { decodePicture, sniff, viewOf } from '../../../../lib/modalities/image/libvips.ts'
import type { Picture } from '../../../../lib/modalities/image/picture.ts'
import { projectFile } from '../../../../lib/project.ts'
import { expected, picture } from '../../../fixtures/expected.ts'
import { smallPicture } from '../../../fixtures/model.ts'
import { tiff } from '../../../fixtures/tiff.ts'

/** What a TIFF's tag PhotometricInterpretation says about its colours. */
const GREY = 1
const RGB = 2
const INKS = 5

const channelsOf = (photometric: number, channels: number) => tiff({ 258: Array<number>(channels).fill(8), 262: photometric, 277: channels })

async function read (bytes: Uint8Array, name: string): Promise<Picture> {
  return { bytes, ...await sniff(bytes, name), decoder: 'libvips' }
}

// All come out as Pillow's to the last bit, except AVIF, of which two decoders make different colours.
const TOLERANCE: Record<string, number> = { 'rgb.avif': 2 }

for (const [name, { pixels8 }] of Object.entries(expected.pictures)) {
  t.test(`${name} becomes the 8-bit RGB pixels that Pillow makes of it`, async t => {
    const pixels = await decodePicture(await read(picture(name), name), smallPicture.background)
    const tensor = new Uint8Array(8 * 8 * 3)
    writeImage(pixels, smallPicture, tensor, 0)
    const greatest = Buffer.from(pixels8, 'base64').reduce((most, value, at) => Math.max(most, Math.abs(value - tensor[at]!)), 0)
    t.ok(greatest <= (TOLERANCE[name] ?? 0), `greatest difference is ${greatest} grey levels`)
  })
}

for (const [name, { flattened }] of Object.entries(expected.pictures)) {
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
  t.match(await sniff(picture('rgb.png'), 'a'), { width: 90, height: 64, orientation: 1, isCmyk: false })
  t.match(await sniff(picture('rotated.jpg'), 'a'), { width: 90, height: 64, orientation: 6, isCmyk: false }, 'stored lying on its side')
  t.match(await sniff(picture('cmyk.jpg'), 'a'), { width: 90, height: 64, orientation: 1, isCmyk: true })
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
  await t.rejects(sniff(svg, 'a.svg'), { code: 'SRV_IMAGE_UNSUPPORTED', statusCode: 415, message: /a\.svg is an SVG drawing/ })
  await t.rejects(sniff(pdf, 'a.pdf'), { code: 'SRV_IMAGE_UNSUPPORTED', message: /a\.pdf is a PDF document, which is not supported; send one of JPEG/ })
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
  t.match(await read(channelsOf(INKS, 4), 'inks.tiff'), { isCmyk: true, decoder: 'libvips' })
  await t.rejects(read(channelsOf(INKS, 5), "file 'inks.tiff'"), {
    code: 'SRV_IMAGE_UNSUPPORTED', statusCode: 415, message: /'inks\.tiff' is a CMYK image with transparency, which is not supported; send one of JPEG/
  })
  for (const [colours, channels] of [[GREY, 3], [RGB, 5]] as const) {
    await t.rejects(read(channelsOf(colours, channels), 'a.tiff'), {
      code: 'SRV_IMAGE_UNSUPPORTED', message: new RegExp(`a\\.tiff is an image with ${channels} channels, which is not supported`)
    })
  }
})

t.test('a TIFF whose colours libvips would show as they are stored is refused, and so is one that it cannot read', async t => {
  for (const [tags, kind] of [[{ 259: 5, 262: 6 }, 'YCbCr colours that are not compressed as JPEG'], [{ 262: 8 }, 'Lab colours'], [{ 259: 34925 }, 'LZMA compression']] as const) {
    await t.rejects(sniff(tiff(tags), "file 'a.tif'"), { code: 'SRV_IMAGE_UNSUPPORTED', statusCode: 415, message: `file 'a.tif' is a TIFF with ${kind}, which is not supported; save it as JPEG or PNG, or as a TIFF of 8-bit RGB with LZW compression.` })
  }
})

t.test('a fourth channel of a TIFF that is no transparency is left out, as in Pillow', async t => {
  const { data, channels } = await decodePicture(await read(tiff({ 258: [8, 8, 8, 8], 277: 4, 338: 0 }), 'a'), '#ffffff')
  t.same([channels, ...data], [3, 0, 0, 0])
  t.same([...(await decodePicture(await read(tiff({ 258: [8, 8, 8, 8], 277: 4, 338: 2 }), 'a'), '#ffffff')).data], [255, 255, 255], 'transparency that is 0 everywhere')
})

t.test('a HEIC is refused with the way to a JPEG, although libvips reads its header', async t => {
  // 8 × 8 grey pixels; Pillow with pillow-heif: Image.new('L', (8, 8)).save('a.heic', quality=10)
  const heic = Buffer.from('AAAAHGZ0eXBoZWl4AAAAAG1pZjFoZWl4bWlhZgAAAXZtZXRhAAAAAAAAACFoZGxyAAAAAAAAAABwaWN0AAAAAAAAAAAAAAAAAAAAACJpbG9jAAAAAERAAAEAAQAAAAABmgABAAAAAAAAACEAAAAjaWluZgAAAAAAAQAAABVpbmZlAgAAAAABAABodmMxAAAAAA5waXRtAAAAAAABAAAA9mlwcnAAAADWaXBjbwAAAHFodmNDAQQIAAAAn/gAAAAAHvAA/Pz4+AAADwNgAAEAF0ABDAH//wQIAAADAJ/4AAADAAAeugJAYQABACZCAQEECAAAAwCf+AAAAwAAHsCCBBZbqrprmwIAAAMAMgAAAwACEGIAAQAGRAHBc8GJAAAAE2NvbHJuY2x4AAEADQAGgAAAABRpc3BlAAAAAAAAAEAAAABAAAAAKGNsYXAAAAAIAAAAAQAAAAgAAAAB////yAAAAAL////IAAAAAgAAAA5waXhpAAAAAAEIAAAAGGlwbWEAAAAAAAAAAQABBYECAwWEAAAAKW1kYXQAAAAdKAGuCCQkGcDbKDSP90rLluSyoQHwpodtwJcoqIA=', 'base64')
  t.match(await sharp(heic).metadata(), { format: 'heif', compression: 'hevc' })
  await t.rejects(sniff(heic, "file 'IMG_1.HEIC'"), { code: 'SRV_IMAGE_UNSUPPORTED', statusCode: 415, message: /^file 'IMG_1\.HEIC' is a HEIC picture, which is not supported; send a JPEG: an iPhone .* converts one\.$/ })
})

t.test('an animated PNG shows its first frame; a damaged one is called damaged', async t => {
  // 1 × 1 pixel: red, then blue. Pillow: save('a.png', save_all=True, append_images=[blue])
  const apng = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAACGFjVEwAAAACAAAAAPONk3AAAAAaZmNUTAAAAAAAAAABAAAAAQAAAAAAAAAAAAAAAQAAa0r2gQAAAAxJREFUeJxj+M/AAAADAQEAyf6S7wAAABpmY1RMAAAAAQAAAAEAAAABAAAAAAAAAAAAAAABAADwORxVAAAAEGZkQVQAAAACeJxjYGD4DwABAwEAaL/t9AAAAABJRU5ErkJggg==', 'base64')
  t.same([...(await decodePicture(await read(apng, 'a'), '#ffffff')).data], [255, 0, 0])
  await t.rejects(sniff(apng.subarray(0, 60), 'a.png'), { code: 'SRV_IMAGE_CORRUPT', statusCode: 422, message: /^a\.png is a damaged or truncated image: .+\. Send the whole file, or save the picture anew\.$/ })
})

t.test('a damaged picture is told in words, without the names of the parts of libvips', async t => {
  const damaged: Array<[string, Buffer]> = [
    ['rgb.png', picture('rgb.png').subarray(0, 20)], ['rgb.tiff', picture('rgb.tiff').subarray(0, 200)], ['animated.gif', picture('animated.gif').subarray(0, 30)],
    ['rgb.avif', picture('rgb.avif').subarray(0, 200)], ['rgb.webp', picture('rgb.webp').subarray(0, 24)]
  ]
  for (const [name, bytes] of damaged) {
    const error = await sniff(bytes, name).then(() => null, (error: Error) => error)
    t.match(error, { code: 'SRV_IMAGE_CORRUPT' }, name)
    t.match(error?.message, /image: [^:]/, name)
    t.notMatch(error?.message, /vips|bad seek|_buffer|image format|: \./, name)
  }
})

t.test('a worker that loads libvips leaves the loaders as the process has chosen them', async t => {
  const libvips = new URL('../../../../dist/lib/modalities/image/libvips.js', import.meta.url).href
  // A loader that is blocked after the choice would be free again if the worker made the choice once more.
  const code = `import { once } from 'node:events'
import { SHARE_ENV, Worker } from 'node:worker_threads'
import sharp from 'sharp'
await import('${libvips}')
const jpeg = await sharp({ create: { width: 8, height: 8, channels: 3, background: '#fff' } }).jpeg().toBuffer()
const isRead = async () => await sharp(jpeg).metadata().then(() => true, () => false)
const before = await isRead()
sharp.block({ operation: ['VipsForeignLoadJpegBuffer'] })
await once(new Worker("import('${libvips}')", { eval: true, env: SHARE_ENV }), 'exit')
console.log(before, await isRead())`
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', code], { cwd: projectFile('.') })
  t.equal(stdout, 'true false\n')
})
