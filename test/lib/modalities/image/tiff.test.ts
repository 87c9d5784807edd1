import sharp from 'sharp'
import t from 'tap'
import { hasUnnamedChannels, isTiff, tiffOrientation, unreadTiff } from '../../../../lib/modalities/image/tiff.ts'
import { picture } from '../../../fixtures/expected.ts'
import { tiff, type Tags } from '../../../fixtures/tiff.ts'

const GREY = { 258: 8, 262: 1, 277: 1 }
const INKS = { 258: [8, 8, 8, 8], 262: 5, 277: 4 }

const READ: Array<[string, Tags]> = [
  ['RGB', {}],
  ['RGB of 16 bits', { 258: [16, 16, 16] }],
  ['RGB with transparency', { 258: [8, 8, 8, 8], 277: 4, 338: 2 }],
  ['grey', GREY],
  ['black and white', { ...GREY, 258: 1 }],
  ['grey of 16 bits', { ...GREY, 258: 16 }],
  ['grey of 32 bits', { ...GREY, 258: 32, 339: 3 }],
  ['inks', INKS],
  ['LZW', { 259: 5 }],
  ['deflate', { 259: 8 }],
  ['JPEG of YCbCr', { 259: 7, 262: 6 }],
  ['planes in strips', { 284: 2 }],
  ['tiles', { 322: 16, 323: 16 }],
  ['a smaller copy beside the picture', { 330: 8 }]
]

const UNREAD: Array<[Tags, string]> = [
  [{ 259: 6 }, 'a TIFF with old-style JPEG compression'],
  [{ 259: 34925 }, 'a TIFF with LZMA compression'],
  [{ 259: 50000 }, 'a TIFF with Zstandard compression'],
  [{ 259: 34712 }, 'a TIFF with JPEG 2000 compression'],
  [{ 259: 12345 }, 'a TIFF with unknown (12345) compression'],
  [{ 262: 8 }, 'a TIFF with Lab colours'],
  [{ 262: 32803 }, 'a TIFF with camera sensor colours'],
  [{ 262: 999 }, 'a TIFF with unknown (999) colours'],
  [{ 262: 6, 259: 5 }, 'a TIFF with YCbCr colours that are not compressed as JPEG'],
  [{ 262: 6 }, 'a TIFF with YCbCr colours that are not compressed as JPEG'],
  [{ 284: 2, 322: 16, 323: 16 }, 'a TIFF with tiles in separate planes'],
  [{ ...GREY, 258: 12 }, 'a TIFF with samples of 12 bits'],
  [{ ...GREY, 339: 2 }, 'a TIFF with signed samples of 8 bits'],
  [{ 258: [32, 32, 32], 339: [3, 3, 3] }, 'a TIFF with floating-point samples of 32 bits'],
  [{ ...INKS, 258: [16, 16, 16, 16] }, 'a TIFF with samples of 16 bits for each ink'],
  [{ 50706: [1, 4, 0, 0] }, 'a camera raw file'],
  [{ 254: 1, 330: 8 }, 'a camera raw file']
]

t.test('a TIFF that libvips reads as Pillow does is read', async t => {
  for (const [kind, tags] of READ) t.equal(unreadTiff(tiff(tags)), null, kind)
  t.equal(unreadTiff(picture('rgb.tiff')), null)
})

t.test('a TIFF of another kind is named, in either order of bytes and as a BigTIFF', async t => {
  for (const [tags, kind] of UNREAD) {
    for (const form of [{}, { isBigEndian: true }, { isBig: true }, { isBig: true, isBigEndian: true }]) t.equal(unreadTiff(tiff(tags, form)), kind, JSON.stringify(form))
  }
})

t.test("Canon's raw file is known by its second signature", async t => {
  const file = tiff()
  const moved = Buffer.concat([file.subarray(0, 8), Buffer.from('CR\x02\0\0\0\0\0', 'latin1'), file.subarray(8)])
  moved.writeUInt32LE(16, 4)
  t.equal(unreadTiff(moved), 'a camera raw file')
})

t.test('libvips itself reads the TIFFs that the tests build', async t => {
  for (const form of [{}, { isBigEndian: true }, { isBig: true }]) {
    const { data, info } = await sharp(tiff({}, form), { failOn: 'error' }).raw().toBuffer({ resolveWithObject: true })
    t.match(info, { width: 1, height: 1, channels: 3 })
    t.same([...data], [0, 0, 0])
  }
})

t.test('the orientation is the tag, valid or not', async t => {
  t.equal(tiffOrientation(tiff()), undefined)
  for (const isBigEndian of [false, true]) for (const value of [1, 6, 9]) t.equal(tiffOrientation(tiff({ 274: value }, { isBigEndian })), value)
})

t.test('channels without a meaning are told from transparency', async t => {
  const rgba = { 258: [8, 8, 8, 8], 277: 4 }
  t.equal(hasUnnamedChannels(tiff({ ...rgba, 338: 0 })), true)
  t.equal(hasUnnamedChannels(tiff({ ...rgba, 338: 2 })), false)
  t.equal(hasUnnamedChannels(tiff()), false)
  t.equal(hasUnnamedChannels(picture('rgb.png')), false)
})

t.test('a truncated TIFF is read without an error, wherever it ends', async t => {
  const file = tiff({ 259: 34925 })
  for (let length = 0; length < file.length; length++) t.doesNotThrow(() => unreadTiff(file.subarray(0, length)))
  t.equal(isTiff(file.subarray(0, 3)), false)
  for (const at of [4, 8]) {
    const wild = Buffer.from(file)
    wild.fill(0xff, at, at + 4)
    t.doesNotThrow(() => unreadTiff(wild))
  }
})
