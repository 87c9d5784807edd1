import sharp from 'sharp'
import t from 'tap'
import { isPooled, release } from '../../lib/release.ts'

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

t.test('memory that small buffers share is left alone: other buffers are in it', async t => {
  for (const small of [Buffer.from('some text'), Buffer.concat([Buffer.from('a'), Buffer.from('b')]), Buffer.allocUnsafe(100)]) {
    const before = small.toString('hex')
    t.equal(isPooled(small.buffer), true)
    release(small)
    t.equal(small.toString('hex'), before)
  }
  t.equal(Buffer.from('more text').toString(), 'more text')
})
