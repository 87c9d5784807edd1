import { crc32, deflateSync } from 'node:zlib'
import sharp, { type Sharp } from 'sharp'
import t, { type Test } from 'tap'
import type { ImageInput } from '../../../../lib/modalities/image/input.ts'
import { decodePicture, sniff, viewOf } from '../../../../lib/modalities/image/libvips.ts'
import { picture } from '../../../fixtures/expected.ts'
import { smallPicture } from '../../../fixtures/model.ts'

type Chunk = [type: string, data: string | Buffer]

/**
 * How people see a picture whose stored pixels are the rows 123 and 456, by its orientation.
 *
 * @see https://www.cipa.jp/std/documents/e/DC-008-2012_E.pdf table 6: where the first row and the first column are shown
 */
const SHOWN: Record<number, string> = {
  1: '123 456', 2: '321 654', 3: '654 321', 4: '456 123', 5: '14 25 36', 6: '41 52 63', 7: '63 52 41', 8: '36 25 14'
}

const STORED = Buffer.from([1, 2, 3, 4, 5, 6].flatMap(level => [level * 40, 0, 0]))
const png = await sharp(STORED, { raw: { width: 3, height: 2, channels: 3 } }).png().toBuffer()
const xmpOf = (orientation: number) => `<rdf:Description xmlns:tiff="http://ns.adobe.com/tiff/1.0/" tiff:Orientation="${orientation}"/>`
const exifOf = (orientation: number) => Buffer.from(`MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0${String.fromCharCode(orientation)}\0\0\0\0\0\0`, 'latin1')

async function shown (file: Buffer): Promise<string> {
  const header = await sniff(file, 'a')
  const { data, width, height, channels } = await decodePicture({ bytes: file, ...header, decoder: 'libvips' }, '#ffffff')
  if (header.width !== width || header.height !== height) return `${header.width} × ${header.height} in the header, but ${width} × ${height}`
  const digits = Array.from({ length: width * height }, (_, at) => Math.round(data[at * channels]! / 40))
  return Array.from({ length: height }, (_, y) => digits.slice(y * width, (y + 1) * width).join('')).join(' ')
}

async function isUpright (t: Test, name: string, make: (orientation: number) => Promise<Buffer> | Buffer): Promise<void> {
  for (const [orientation, pixels] of Object.entries(SHOWN)) t.equal(await shown(await make(Number(orientation))), pixels, `${name}, ${orientation}`)
}

t.test('a picture of each format is shown upright by its EXIF', async t => {
  await isUpright(t, 'PNG', orientation => pngWith(['eXIf', exifOf(orientation)]))
  await isUpright(t, 'WebP', async orientation => await sharp(png).withMetadata({ orientation }).webp({ lossless: true }).toBuffer())
  await isUpright(t, 'TIFF', async orientation => await sharp(png).withMetadata({ orientation }).tiff({ compression: 'lzw' }).toBuffer())
})

t.test('and by its XMP, where it has no EXIF', async t => {
  await isUpright(t, 'PNG', orientation => pngWith(['iTXt', `XML:com.adobe.xmp\0\0\0\0\0${xmpOf(orientation)}`]))
  await isUpright(t, 'WebP', async orientation => await sharp(png).withXmp(xmpOf(orientation)).webp({ lossless: true }).toBuffer())
  await isUpright(t, 'TIFF', async orientation => withoutOrientationTag(await sharp(png).withXmp(xmpOf(orientation)).tiff({ compression: 'lzw' }).toBuffer()))
})

t.test('a JPEG that libvips decodes is shown upright by EXIF or XMP', async t => {
  const flat = async (make: (image: Sharp) => Sharp) => {
    const wide = await sharp(png).resize(48, 32, { kernel: 'nearest', fit: 'fill' }).png().toBuffer()
    const file = await make(sharp(wide)).jpeg({ progressive: true, quality: 100, chromaSubsampling: '4:4:4' }).toBuffer()
    const { data, width, height } = await decodePicture({ bytes: file, ...await sniff(file, 'a'), decoder: 'libvips' }, '#ffffff')
    const [red = 0] = await sharp(Buffer.from(data), { raw: { width, height, channels: 3 } }).extract({ left: 8, top: 8, width: 1, height: 1 }).raw().toBuffer()
    return `${Math.round(red / 40)}`
  }
  for (const [orientation, pixels] of Object.entries(SHOWN)) {
    t.equal(await flat(image => image.withMetadata({ orientation: Number(orientation) })), pixels[0], `EXIF, ${orientation}`)
    t.equal(await flat(image => image.withXmp(xmpOf(Number(orientation)))), pixels[0], `XMP, ${orientation}`)
  }
})

t.test('a PNG may have its EXIF and XMP in other chunks, compressed, or after its pixels', async t => {
  const hex = `\nexif\n      32\n${Buffer.concat([Buffer.from('Exif\0\0'), exifOf(6)]).toString('hex')}\n`
  const cases: Record<string, Chunk> = {
    'XMP, compressed': ['iTXt', Buffer.concat([Buffer.from('XML:com.adobe.xmp\0\x01\0\0\0'), deflateSync(xmpOf(6))])],
    'XMP as plain text': ['tEXt', `XML:com.adobe.xmp\0${xmpOf(6)}`],
    'EXIF with its prefix': ['eXIf', Buffer.concat([Buffer.from('Exif\0\0'), exifOf(6)])],
    "ImageMagick's EXIF": ['tEXt', `Raw profile type exif\0${hex}`],
    "ImageMagick's EXIF, compressed": ['zTXt', Buffer.concat([Buffer.from('Raw profile type exif\0\0'), deflateSync(hex)])]
  }
  for (const [name, chunk] of Object.entries(cases)) {
    t.equal(await shown(pngWith(chunk)), SHOWN[6], name)
    t.equal(await shown(pngWith(chunk, true)), SHOWN[6], `${name}, after the pixels`)
  }
  t.equal(await shown(pngWith(['tEXt', `Comment\0${xmpOf(6)}`])), SHOWN[1], 'a comment is no XMP')
  t.equal(await shown(pngWith(['iTXt', 'XML:com.adobe.xmp\0\x01\0\0\0damaged'], true)), SHOWN[1], 'damaged text is no XMP')
})

t.test('EXIF counts before XMP', async t => {
  t.equal(await shown(pngWith(['iTXt', `XML:com.adobe.xmp\0\0\0\0\0${xmpOf(6)}`], false, pngWith(['eXIf', exifOf(8)]))), SHOWN[8])
  t.equal(await shown(await sharp(png).withMetadata({ orientation: 8 }).withXmp(xmpOf(6)).webp({ lossless: true }).toBuffer()), SHOWN[8])
})

t.test('an AVIF is turned once, by its container or by its XMP', async t => {
  // 16 × 8 pixels, of which the left four columns are white. Pillow 13: save(…, exif with orientation 6, xmp=…), and save(…, xmp=…).
  const files = {
    both: 'AAAAHGZ0eXBhdmlmAAAAAGF2aWZtaWYxbWlhZgAAAUdtZXRhAAAAAAAAACFoZGxyAAAAAAAAAABwaWN0AAAAAAAAAAAAAAAAAAAAAA5waXRtAAAAAAABAAAALGlsb2MAAAAARAAAAgABAAAAAQAAAZIAAAAkAAIAAAABAAABawAAACcAAABUaWluZgAAAAAAAgAAABppbmZlAgAAAAABAABhdjAxQ29sb3IAAAAALGluZmUCAAAAAAIAAG1pbWVYTVAAYXBwbGljYXRpb24vcmRmK3htbAAAAAAaaXJlZgAAAAAAAAAOY2RzYwACAAEAAQAAAHJpcHJwAAAAUmlwY28AAAAUaXNwZQAAAAAAAAAQAAAACAAAAA5waXhpAAAAAAEIAAAADGF2MUOBABwAAAAAE2NvbHJuY2x4AAEADQAGgAAAAAlpcm90AwAAABhpcG1hAAAAAAAAAAEAAQUBAoMEhQAAAFNtZGF0PHJkZjpEZXNjcmlwdGlvbiB0aWZmOk9yaWVudGF0aW9uPSI2Ii8+EgAKCBgMv7TAQ0GoMhYSBqkAg+QA/9E9CHUWh7oYu3qjbXN9',
    xmp: 'AAAAHGZ0eXBhdmlmAAAAAGF2aWZtaWYxbWlhZgAAAT1tZXRhAAAAAAAAACFoZGxyAAAAAAAAAABwaWN0AAAAAAAAAAAAAAAAAAAAAA5waXRtAAAAAAABAAAALGlsb2MAAAAARAAAAgABAAAAAQAAAYgAAAAkAAIAAAABAAABYQAAACcAAABUaWluZgAAAAAAAgAAABppbmZlAgAAAAABAABhdjAxQ29sb3IAAAAALGluZmUCAAAAAAIAAG1pbWVYTVAAYXBwbGljYXRpb24vcmRmK3htbAAAAAAaaXJlZgAAAAAAAAAOY2RzYwACAAEAAQAAAGhpcHJwAAAASWlwY28AAAAUaXNwZQAAAAAAAAAQAAAACAAAAA5waXhpAAAAAAEIAAAADGF2MUOBABwAAAAAE2NvbHJuY2x4AAEADQAGgAAAABdpcG1hAAAAAAAAAAEAAQQBAoMEAAAAU21kYXQ8cmRmOkRlc2NyaXB0aW9uIHRpZmY6T3JpZW50YXRpb249IjYiLz4SAAoIGAy/tMBDQagyFhIGqQCD5AD/0T0IdRaHuhi7eqNtc30='
  }
  for (const [name, base64] of Object.entries(files)) {
    const bytes = Buffer.from(base64, 'base64')
    const { data, width, height, channels } = await decodePicture({ bytes, ...await sniff(bytes, name), decoder: 'libvips' }, '#ffffff')
    t.same([width, height], [8, 16], name)
    const rows = Array.from({ length: height }, (_, y) => data[y * width * channels]! > 127)
    t.same(rows, Array.from({ length: 16 }, (_, y) => y < 4), `${name}: the four rows at the top are white`)
  }
})

t.test('a view for people is upright too', async t => {
  const bytes = pngWith(['iTXt', `XML:com.adobe.xmp\0\0\0\0\0${xmpOf(6)}`])
  const view = await viewOf({ bytes, ...await sniff(bytes, 'a'), decoder: 'libvips' }, { ...smallPicture, width: 2, height: 3, resize: { fit: 'stretch', filter: 'bilinear' } }, 2, 3)
  const red = (await sharp(view).raw().toBuffer()).filter((_, at) => at % 3 === 0)
  t.equal([...red].map(level => Math.round(level / 40)).join(''), '415263')
})

t.test('and so is the view of a JPEG that the own decoder reads', async t => {
  const bytes = picture('rotated.jpg')
  const stretched: ImageInput = { ...smallPicture, resize: { fit: 'stretch', filter: 'bilinear' } }
  const view = await sharp(await viewOf({ bytes, width: 64, height: 90, decoder: 'jpeg', isCmyk: false }, stretched, 8, 8)).raw().toBuffer()
  // At full size first, because sharp would decode the JPEG at a smaller size.
  const turned = await sharp(bytes).autoOrient().png().toBuffer()
  const upright = await sharp(turned).resize(8, 8, { fit: 'fill' }).raw().toBuffer()
  t.ok(view.every((level, at) => Math.abs(level - upright[at]!) <= 3), 'as libvips itself turns it by EXIF')
})

/** The PNG with one more chunk, before or after its pixels. */
function pngWith ([type, data]: Chunk, isLate = false, file: Buffer = png): Buffer {
  const at = file.indexOf(isLate ? 'IEND' : 'IDAT') - 4
  const body = Buffer.concat([Buffer.from(type), typeof data === 'string' ? Buffer.from(data, 'latin1') : data])
  const chunk = Buffer.alloc(8 + body.length)
  chunk.writeUInt32BE(body.length - 4)
  body.copy(chunk, 4)
  chunk.writeUInt32BE(crc32(body), 4 + body.length)
  return Buffer.concat([file.subarray(0, at), chunk, file.subarray(at)])
}

/** The TIFF, in which a private tag takes the place of the orientation. */
function withoutOrientationTag (file: Buffer): Buffer {
  const directory = file.readUInt32LE(4)
  for (let entry = directory + 2, count = file.readUInt16LE(directory); count > 0; count--, entry += 12) {
    if (file.readUInt16LE(entry) === 274) file.writeUInt16LE(65000, entry)
  }
  return file
}
