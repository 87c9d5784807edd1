import t from 'tap'
import { pictureOf, rowOf, type Picture } from '../../../../lib/modalities/image/picture.ts'
import { decodingBytes } from '../../../../lib/pixels/memory.ts'
import { smallPicture } from '../../../fixtures/model.ts'

const png: Picture = { bytes: new Uint8Array(10), width: 300, height: 200, decoder: 'libvips', isCmyk: false, libvipsBytes: 5000 }

t.test('a row weighs its file and what its decoder takes: libvips all pixels, the own decoder a few rows of them', async t => {
  t.equal(rowOf(png, smallPicture).weightBytes, 10 + 5000)
  t.equal(rowOf({ ...png, decoder: 'jpeg' }, smallPicture).weightBytes, 10 + decodingBytes({ width: 300, height: 200 }, { width: 8, height: 8 }, 'bilinear'))
})

t.test('a picture that is made smaller than the input weighs what the smaller resize takes', async t => {
  const photo = { width: 3000, height: 2000 }
  for (const resize of [{ fit: 'cover', shorterSide: 2, filter: 'bilinear' }, { fit: 'contain', longerSide: 2, filter: 'bilinear' }] as const) {
    t.equal(rowOf({ ...png, ...photo, decoder: 'jpeg' }, { ...smallPicture, resize }).weightBytes, 10 + decodingBytes(photo, { width: 8, height: 2 }, 'bilinear'), resize.fit)
  }
})

t.test('pictures of 4 megapixels and more are slow', async t => {
  t.ok(rowOf({ ...png, width: 4000, height: 1000 }, smallPicture).isSlow)
  t.notOk(rowOf({ ...png, width: 4000, height: 999 }, smallPicture).isSlow)
})

t.test('bytes that are a part of a larger buffer do not take the rest of it along', async t => {
  t.same(rowOf(png, smallPicture).transfer, [png.bytes.buffer])
  t.same(rowOf({ ...png, bytes: new Uint8Array(20).subarray(0, 10) }, smallPicture).transfer, [])
  t.same(rowOf({ ...png, bytes: new Uint8Array(new SharedArrayBuffer(10)) }, smallPicture).transfer, [])
})

t.test('a payload is a picture, or an error', async t => {
  t.equal(pictureOf(png), png)
  for (const payload of [undefined, [1, 2], { decoder: 'jpeg', bytes: 'abc' }, { bytes: new Uint8Array() }]) {
    t.throws(() => pictureOf(payload), { message: 'the payload is not a picture' })
  }
})
