import t from 'tap'
import { exifOrientation, orientationIn } from '../../../lib/pixels/orientation.ts'

const xmp = (text: string) => Buffer.from(`<rdf:Description ${text}>`)

/** EXIF with one tag: a TIFF of one directory entry. */
function exif (value: number, { isBigEndian = false, isLong = false, tag = 0x112 } = {}): Buffer {
  const bytes = Buffer.from(isBigEndian ? 'MM\0*' : 'II*\0', 'latin1')
  const [short, long] = [
    (number: number) => { const to = Buffer.alloc(2); if (isBigEndian) to.writeUInt16BE(number); else to.writeUInt16LE(number); return to },
    (number: number) => { const to = Buffer.alloc(4); if (isBigEndian) to.writeUInt32BE(number); else to.writeUInt32LE(number); return to }
  ]
  const field = isLong ? long(value) : Buffer.concat([short(value), short(0)])
  return Buffer.concat([bytes, long(8), short(1), short(tag), short(isLong ? 4 : 3), long(1), field, long(0)])
}

t.test('EXIF tells the orientation in either order of bytes, as a number of 16 or 32 bits', async t => {
  for (const isBigEndian of [false, true]) {
    for (const isLong of [false, true]) t.equal(exifOrientation(exif(6, { isBigEndian, isLong })), 6)
  }
})

t.test("EXIF's prefix may be absent, or be there twice", async t => {
  for (const count of [0, 1, 2]) t.equal(exifOrientation(Buffer.concat([Buffer.from('Exif\0\0'.repeat(count)), exif(6)])), 6)
})

t.test('EXIF without the tag tells nothing, and neither do damaged bytes', async t => {
  t.equal(exifOrientation(exif(6, { tag: 0x10f })), undefined)
  t.equal(exifOrientation(undefined), undefined)
  const whole = exif(6)
  for (let length = 0; length < 22; length++) t.equal(exifOrientation(whole.subarray(0, length)), undefined, `${length} bytes`)
})

t.test('XMP tells it as an attribute or as an element', async t => {
  t.equal(orientationIn(undefined, xmp('tiff:Orientation="6"')), 6)
  t.equal(orientationIn(undefined, xmp('><tiff:Orientation>8</tiff:Orientation>')), 8)
  t.equal(orientationIn(undefined, xmp('tiff:Orientation="x" tiff:Orientation="3"')), 3, 'the first one that is a digit')
  t.equal(orientationIn(undefined, xmp('tiff:Make="6"')), 1)
})

t.test('XMP counts only if there is no tag, even if the tag is not valid, as in Pillow', async t => {
  t.equal(orientationIn(8, xmp('tiff:Orientation="6"')), 8)
  t.equal(orientationIn(1, xmp('tiff:Orientation="6"')), 1)
  for (const invalid of [0, 9]) t.equal(orientationIn(invalid, xmp('tiff:Orientation="6"')), 1)
  t.equal(orientationIn(undefined, xmp('tiff:Orientation="9"')), 1)
})
