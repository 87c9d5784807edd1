import t from 'tap'
import { readJpegHeader } from '../../../lib/input/jpeg-header.ts'
import { expected, picture } from '../../fixtures/expected.ts'

const OTHERS = ['progressive', 'RGB', 'CMYK']

for (const { kind, file } of expected.jpegs) {
  const isRead = !OTHERS.includes(kind)
  t.test(`a JPEG that is ${kind} is ${isRead ? '' : 'not '}one that is read here`, async t => {
    const header = readJpegHeader(Buffer.from(file, 'base64'))
    if (isRead) t.match(header, { width: 83, height: 45, orientation: 1 })
    else t.equal(header, null)
  })
}

t.test("EXIF's orientation is read", async t => {
  t.match(readJpegHeader(picture('rotated.jpg')), { width: 64, height: 90, orientation: 6 })
})

t.test('no other file is taken for a JPEG', async t => {
  for (const name of ['rgb.png', 'rgb.webp', 'rgb.avif', 'rgb.tiff', 'rgb.bmp', 'animated.gif']) t.equal(readJpegHeader(picture(name)), null, name)
})

t.test('a header that ends too early is none', async t => {
  const bytes = picture('rgb.jpg')
  const { scan } = readJpegHeader(bytes)!
  const taken = Array.from({ length: scan }, (_, length) => length).filter(length => readJpegHeader(bytes.subarray(0, length)))
  t.same(taken, [])
})
