import t from 'tap'
import { unreadTiffType, unreadType } from '../../../../lib/modalities/image/formats.ts'
import { picture } from '../../../fixtures/expected.ts'
import { tiff } from '../../../fixtures/tiff.ts'

/** The first box of an AVIF, a HEIC or a video: its main brand, and all brands. */
function typeBox (...brands: string[]): Buffer {
  const [main = '', ...others] = brands
  const box = Buffer.from(`\0\0\0\0ftyp${main}\0\0\0\0${others.join('')}`, 'latin1')
  box.writeUInt32BE(box.length)
  return Buffer.concat([box, Buffer.from('\0\0\0\x10meta\0\0\0\0more', 'latin1')])
}

const bytes = (text: string) => Buffer.from(text.padEnd(64, '\0'), 'latin1')

t.test('a file of a format that is read is of no other type, also if it is damaged', async t => {
  for (const name of ['rgb.jpg', 'rgb.png', 'rgb.webp', 'animated.gif', 'rgb.avif', 'rgb.tiff', 'rgb.bmp']) {
    t.equal(await unreadType(picture(name)), null, name)
    t.equal(await unreadType(picture(name).subarray(0, 40)), null, `the first bytes of ${name}`)
  }
  t.equal(await unreadType(Buffer.from('\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x40\0\0\0\x40\x08\x06\0\0\0\0\0\0\0\0\0\0\x08acTL\0\0\0\0\0\0\0\0\0\0\0\0', 'latin1')), null, 'an animated PNG')
  t.equal(await unreadType(Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), Buffer.alloc(40, 0xaa)])), null, 'a PNG of which only the signature is left')
})

t.test('HEIC is told from AVIF by its brands, with the way to a JPEG', async t => {
  for (const brands of [['heic', 'mif1', 'heic'], ['heix', 'mif1'], ['mif1', 'heic'], ['hevc', 'msf1'], ['mif1'], ['heic']]) {
    const unread = await unreadType(typeBox(...brands))
    t.equal(unread?.kind, 'a HEIC picture, which is not supported', brands.join())
    t.match(unread?.advice, /^send a JPEG: an iPhone takes JPEGs with Settings › Camera › Formats › Most Compatible, and 'heif-convert a\.heic a\.jpg'/)
  }
  for (const brands of [['avif', 'mif1', 'miaf'], ['mif1', 'avif']]) t.equal(await unreadType(typeBox(...brands)), null, brands.join())
  t.equal((await unreadType(typeBox('avis', 'avif', 'msf1')))?.kind, 'an animated AVIF, which is not supported')
})

const OTHERS: Array<[Buffer, string]> = [
  [bytes('%PDF-1.7\n'), 'a PDF document'],
  [bytes('<svg xmlns="http://www.w3.org/2000/svg"/>'), 'an SVG drawing'],
  [bytes('<?xml version="1.0"?>\n<!-- made by hand -->\n<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "svg11.dtd">\n<svg width="8">'), 'an SVG drawing'],
  [bytes('\xff\x0a'), 'a JPEG XL picture'],
  [bytes('\0\0\0\x0cJXL \r\n\x87\n'), 'a JPEG XL picture'],
  [bytes('\0\0\0\x0cjP  \r\n\x87\n\0\0\0\x14ftypjp2 '), 'a JPEG 2000 picture'],
  [bytes('\xff\x4f\xff\x51'), 'a JPEG 2000 picture'],
  [bytes('\0\0\x01\0\x01\0'), 'an icon (ICO)'],
  [bytes('8BPS\0\x01'), 'a Photoshop file'],
  [bytes('IIU\0\x18\0\0\0\x88\xe7\x74\xd8'), 'a camera raw file'],
  [bytes('FUJIFILMCCD-RAW 0201'), 'a camera raw file'],
  [typeBox('crx ', 'isom'), 'a camera raw file'],
  [typeBox('isom', 'mp42'), 'a video (video/mp4)'],
  [typeBox('qt  '), 'a video (video/quicktime)'],
  [bytes('PK\x03\x04\x14\0\0\0\0\0'), 'of the type application/zip']
]

t.test('other types that people send are named', async t => {
  for (const [file, kind] of OTHERS) t.equal((await unreadType(file))?.kind, `${kind}, which is not supported`, file.toString('latin1', 0, 12))
  t.match(await unreadType(bytes('%PDF-1.7\n')), { advice: 'send one of JPEG, PNG, WebP, GIF, AVIF, TIFF, BMP' })
})

t.test('bytes of no known type are no image', async t => {
  for (const text of ['hello', '<html><svg/></html>', '\0']) t.match(await unreadType(Buffer.from(text)), { kind: 'not an image' }, text)
})

t.test('a TIFF of a kind that is not read says what to save it as', async t => {
  t.same(unreadTiffType(tiff({ 259: 34925 })), {
    kind: 'a TIFF with LZMA compression, which is not supported', advice: 'save it as JPEG or PNG, or as a TIFF of 8-bit RGB with LZW compression'
  })
  t.equal(unreadTiffType(tiff()), null)
  t.equal(unreadTiffType(picture('rgb.png')), null)
})
