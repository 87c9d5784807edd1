import sharp from 'sharp'
import t from 'tap'
import { release } from '../../lib/release.ts'

t.test('pixels of libvips are freed without garbage collection', async t => {
  const pixels = await sharp({ create: { width: 64, height: 64, channels: 3, background: '#c2410c' } }).raw().toBuffer()
  t.equal(pixels.length, 64 * 64 * 3)
  release(pixels)
  t.equal(pixels.length, 0)
  t.equal(pixels.buffer.byteLength, 0)
})

t.test('memory that other threads share is left alone', async t => {
  const shared = new Uint8Array(new SharedArrayBuffer(8))
  release(shared)
  t.equal(shared.length, 8)
})
