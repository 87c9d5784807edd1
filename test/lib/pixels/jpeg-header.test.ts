import t from 'tap'
import { readJpegFrame, readJpegHeader, readJpegOrientation } from '../../../lib/pixels/jpeg-header.ts'
import { expected, picture } from '../../fixtures/expected.ts'

const OTHERS = ['progressive', 'RGB', 'CMYK']
const OTHER_FILES = ['rgb.png', 'rgb.webp', 'rgb.avif', 'rgb.tiff', 'rgb.bmp', 'animated.gif']

for (const { kind, file } of expected.jpegs) {
  const bytes = Buffer.from(file, 'base64')
  const isRead = !OTHERS.includes(kind)
  t.test(`the header of a JPEG that is ${kind} is ${isRead ? '' : 'not '}read`, async t => {
    const header = readJpegHeader(bytes)
    if (isRead) t.match(header, { width: 83, height: 45, orientation: 1 })
    else t.equal(header, null)
  })

  t.test(`the frame of a JPEG that is ${kind} is ${isRead ? '' : 'not '}read`, async t => {
    t.same(readJpegFrame(bytes), isRead ? { width: 83, height: 45 } : null)
  })
}

t.test("EXIF's orientation is read, and the size is that of the stored picture", async t => {
  t.match(readJpegHeader(picture('rotated.jpg')), { width: 64, height: 90, orientation: 6 })
  t.same(readJpegFrame(picture('rotated.jpg')), { width: 64, height: 90 })
})

t.test('an orientation that is none of the eight is upright, as for libvips and Pillow', async t => {
  for (const value of [0, 9, 255]) {
    const bytes = picture('rotated.jpg')
    bytes[bytes.indexOf(Uint8Array.of(0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, 6)) + 9] = value
    t.equal(readJpegHeader(bytes)?.orientation, 1, `${value}`)
  }
})

t.test('no other file is taken for a JPEG', async t => {
  for (const name of OTHER_FILES) {
    t.equal(readJpegHeader(picture(name)), null, name)
    t.equal(readJpegFrame(picture(name)), null, name)
  }
})

t.test('a truncated header is not read', async t => {
  const bytes = picture('rgb.jpg')
  const { scanStart } = readJpegHeader(bytes)!
  const read = Array.from({ length: scanStart }, (_, length) => length).filter(length => readJpegHeader(bytes.subarray(0, length)))
  t.same(read, [])
})

t.test('the frame is read as soon as its header is there, and not before', async t => {
  const bytes = picture('rgb.jpg')
  const frame = bytes.indexOf(Uint8Array.of(0xff, 0xc0))
  const end = frame + 2 + bytes.readUInt16BE(frame + 2)
  const lengths = Array.from({ length: bytes.length + 1 }, (_, length) => length)
  t.same(lengths.filter(length => readJpegFrame(bytes.subarray(0, length))), lengths.slice(end))
})

t.test('the frame is read without the tables and EXIF', async t => {
  const bytes = picture('rotated.jpg')
  for (const [marker, offset] of [[0xdb, 4], [0xe1, 10]] as const) {
    const segment = bytes.indexOf(Uint8Array.of(0xff, marker))
    bytes.fill(0xff, segment + offset, segment + 2 + bytes.readUInt16BE(segment + 2))
  }
  t.equal(readJpegHeader(bytes), null)
  t.same(readJpegFrame(bytes), { width: 64, height: 90 })
})

t.test('a frame that is too narrow, or of another precision, number of components or sampling, is not read', async t => {
  const bytes = picture('rgb.jpg')
  const frame = bytes.indexOf(Uint8Array.of(0xff, 0xc0))
  for (const [offset, value] of [[4, 12], [6, 0], [8, 4], [9, 4], [9, 2], [11, 0x41], [11, 0x12], [14, 0x22]] as const) {
    const changed = Buffer.from(bytes)
    if (offset === 6 || offset === 8) changed[frame + offset - 1] = 0
    changed[frame + offset] = value
    t.equal(readJpegFrame(changed), null, `byte ${offset} is ${value}`)
    t.equal(readJpegHeader(changed), null, `byte ${offset} is ${value}`)
  }
})

t.test('a frame after the scan is not read', async t => {
  const scan = Uint8Array.of(0xff, 0xda, 0, 2)
  const bytes = picture('rgb.jpg')
  t.equal(readJpegFrame(Buffer.concat([bytes.subarray(0, 2), scan, bytes.subarray(2)])), null)
})

t.test('a file full of empty segments is given up', async t => {
  const bytes = picture('rgb.jpg')
  for (const [count, isRead] of [[100, true], [100_000, false]] as const) {
    const file = Buffer.concat([bytes.subarray(0, 2), Buffer.alloc(4 * count, Uint8Array.of(0xff, 0xfe, 0, 2)), bytes.subarray(2)])
    t.equal(readJpegFrame(file) !== null, isRead, `${count} segments`)
    t.equal(readJpegHeader(file) !== null, isRead, `${count} segments`)
  }
})

t.test('damaged bytes never make it throw', async t => {
  const bytes = picture('rgb.jpg')
  const { scanStart } = readJpegHeader(bytes)!
  for (let at = 0; at < scanStart; at++) {
    for (const value of [0, 1, 0x7f, 0xc0, 0xda, 0xff]) {
      const changed = Buffer.from(bytes)
      changed[at] = value
      const frame = readJpegFrame(changed)
      const header = readJpegHeader(changed)
      if (header && (!frame || frame.width !== header.width || frame.height !== header.height)) t.fail(`byte ${at} is ${value}`)
    }
  }
})

t.test('XMP tells the orientation where EXIF does not; the first EXIF counts and the last XMP', async t => {
  const bytes = picture('rgb.jpg')
  const segment = (data: Buffer) => Buffer.concat([Buffer.from([0xff, 0xe1, (data.length + 2) >> 8, (data.length + 2) & 255]), data])
  const xmp = (orientation: number) => segment(Buffer.from(`http://ns.adobe.com/xap/1.0/\0<rdf:Description tiff:Orientation="${orientation}"/>`))
  const exif = (orientation: number, tag = 0x12) => {
    return segment(Buffer.from(['Exif\0\0MM\0*', '\0\0\0\x08', '\0\x01', `\x01${String.fromCharCode(tag)}`, '\0\x03', '\0\0\0\x01', `\0${String.fromCharCode(orientation)}\0\0`, '\0\0\0\0'].join(''), 'latin1'))
  }
  const cases: Array<[Buffer[], number]> = [
    [[], 1], [[xmp(6)], 6], [[exif(8)], 8], [[exif(8), xmp(6)], 8], [[xmp(6), exif(8)], 8], [[exif(1), xmp(6)], 1], [[exif(9), xmp(6)], 1],
    [[exif(8, 0x0f), xmp(6)], 6], [[exif(6), exif(8)], 6], [[xmp(6), xmp(8)], 8]
  ]
  for (const [segments, orientation] of cases) {
    const file = Buffer.concat([bytes.subarray(0, 2), ...segments, bytes.subarray(2)])
    t.equal(readJpegHeader(file)?.orientation, orientation)
    t.equal(readJpegOrientation(file), orientation)
  }
  t.equal(readJpegOrientation(picture('rotated.jpg')), 6)
  t.equal(readJpegOrientation(picture('rgb.png')), 1)
})
