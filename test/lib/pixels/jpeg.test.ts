import { createHash } from 'node:crypto'
import sharp from 'sharp'
import t from 'tap'
import { photo } from '../../../bench/photo.ts'
import { readJpegHeader } from '../../../lib/pixels/jpeg-header.ts'
import { JpegScan } from '../../../lib/pixels/jpeg.ts'
import type { Window } from '../../../lib/pixels/pixels.ts'
import { Arena } from '../../../lib/pixels/simd.ts'
import { expected, picture } from '../../fixtures/expected.ts'
import { writeJpeg } from '../../fuzz/jpeg-writer.ts'

/** A comment of two letters. */
const COMMENT = Uint8Array.of(0xff, 0xfe, 0, 4, 97, 98)

const READ = expected.jpegs.filter(({ file }) => readJpegHeader(Buffer.from(file, 'base64')))

for (const { kind, file, sha256 } of READ) {
  t.test(`a JPEG that is ${kind} has the pixels that Pillow decodes, to the last bit`, async t => {
    t.equal(createHash('sha256').update(decode(Buffer.from(file, 'base64'))).digest('hex'), sha256)
  })

  t.test(`a window of a JPEG that is ${kind} is the same part of the whole`, async t => {
    const bytes = Buffer.from(file, 'base64')
    const whole = decode(bytes)
    for (const window of [
      { left: 0, top: 0, width: 5, height: 5 }, { left: 19, top: 17, width: 31, height: 16 }, { left: 78, top: 44, width: 5, height: 1 }
    ]) {
      const part = decode(bytes, window)
      for (let y = 0; y < window.height; y++) {
        const start = ((window.top + y) * 83 + window.left) * 3
        t.ok(part.subarray(y * window.width * 3, (y + 1) * window.width * 3).equals(whole.subarray(start, start + window.width * 3)), `row ${y} of ${JSON.stringify(window)}`)
      }
    }
  })
}

t.test('pictures of every size up to two MCUs and more have the pixels that libvips decodes', async t => {
  for (const chromaSubsampling of ['4:4:4', '4:2:0']) {
    for (let size = 5; size <= 35; size++) {
      const bytes = await sharp(picture('rgb.png')).resize(size, 40 - size, { fit: 'fill' }).jpeg({ chromaSubsampling }).toBuffer()
      t.ok(decode(bytes).equals(await sharp(bytes).raw().toBuffer()), `${size} × ${40 - size}, ${chromaSubsampling}`)
    }
  }
})

t.test('a file larger than the part that is in memory has the pixels that libvips decodes', async t => {
  const bytes = await photo(3000)
  t.ok(bytes.length > 512 * 1024, `${bytes.length} bytes`)
  t.ok(decode(bytes).equals(await sharp(bytes).raw().toBuffer()))
})

t.test('a JPEG is read that has data between its scan and its end marker, or after it, which tells nothing about its pixels', async t => {
  const bytes = picture('rgb.jpg')
  const [scan, end] = [bytes.subarray(0, -2), bytes.subarray(-2)]
  const zeros = Buffer.alloc(5000)
  for (const [name, parts] of Object.entries<Uint8Array[]>({
    'a comment': [scan, COMMENT, end],
    'application data': [scan, Uint8Array.of(0xff, 0xe1, 0, 8, 69, 120, 105, 102, 0, 0), end],
    'fill bytes': [scan, Uint8Array.of(0xff, 0xff, 0xff), end],
    'a few zeros': [scan, zeros.subarray(0, 3), end],
    'many zeros': [scan, zeros, end],
    'zeros around comments': [scan, zeros, COMMENT, COMMENT, zeros, end],
    'a last restart marker': [scan, Uint8Array.of(0xff, 0xd0), end],
    'the preview of a phone after the end': [bytes, bytes]
  })) t.ok(decode(Buffer.concat(parts)).equals(decode(bytes)), name)
})

t.test('a JPEG is refused that has anything else between its scan and its end marker', async t => {
  const bytes = picture('rgb.jpg')
  const [scan, end] = [bytes.subarray(0, -2), bytes.subarray(-2)]
  const from = (marker: number) => bytes.subarray(bytes.indexOf(Uint8Array.of(0xff, marker)))
  for (const [name, parts] of Object.entries<Uint8Array[]>({
    'a second scan': [scan, from(0xda)],
    'a table and a second scan': [scan, from(0xc4)],
    'a second picture': [scan, bytes],
    'a number of lines': [scan, Uint8Array.of(0xff, 0xdc, 0, 4, 0, 64), end],
    'other bytes': [scan, Buffer.from('ab'), end],
    'other bytes after zeros': [scan, Buffer.alloc(50), Buffer.from('ab'), end],
    'entropy-coded data': [scan, Uint8Array.of(0xff, 0), end],
    'a comment without a length': [scan, Uint8Array.of(0xff, 0xfe, 0, 1), end],
    'a comment beyond the end of the file': [scan, Uint8Array.of(0xff, 0xfe, 0x40, 0), end],
    'no end marker': [scan],
    'no end marker after a comment': [scan, COMMENT],
    'endless comments': [scan, ...Array(20_000).fill(COMMENT), end]
  })) t.notOk(isAccepted(Buffer.concat(parts)), name)
})

t.test('a truncated scan is refused wherever it ends', async t => {
  for (const { kind, file } of READ) {
    const bytes = Buffer.from(file, 'base64')
    const { scanStart } = readJpegHeader(bytes)!
    const accepted = Array.from({ length: bytes.length - scanStart }, (_, at) => scanStart + at).filter(length => isAccepted(bytes.subarray(0, length)))
    t.same(accepted, [], `${kind}, ${bytes.length} bytes`)
  }
})

t.test('a truncated scan is refused also if it ends below the window', async t => {
  const bytes = Buffer.from(READ[2]!.file, 'base64')
  t.throws(() => decode(bytes.subarray(0, bytes.length - 20), { left: 0, top: 0, width: 8, height: 8 }), { message: 'the entropy-coded data is invalid' })
})

t.test('damaged bytes are refused or decode to some pixels, and the next picture is decoded as before', async t => {
  const random = numbers()
  let refused = 0
  for (const { file, sha256 } of READ) {
    for (let run = 0; run < 100; run++) {
      const bytes = Buffer.from(file, 'base64')
      for (let change = 0; change < 3; change++) bytes[Math.floor(random() * bytes.length)] = Math.floor(random() * 256)
      if (!isAccepted(bytes)) refused++
    }
    t.equal(createHash('sha256').update(decode(Buffer.from(file, 'base64'))).digest('hex'), sha256)
  }
  t.ok(refused > 0, `${refused} were refused`)
})

t.test('a JPEG with larger coefficients than any picture has is refused, because the pixels of libjpeg depend on its code for the CPU', async t => {
  const file = { width: 16, height: 8, samplings: [[1, 1] as const], restartInterval: 0, codes: 'equal' as const, precision: 8, fillBytes: 0, extra: null }
  for (const [coefficients, coefficientBits, quantisation, isLarge] of [[0, 11, 4, false], [0, 11, 65_535, true], [64, 5, 255, false], [64, 10, 255, true]] as const) {
    for (let seed = 1; seed <= 10; seed++) {
      const bytes = writeJpeg({ ...file, coefficients, coefficientBits, quantisation, seed })
      const name = `${coefficients} coefficients of ${coefficientBits} bits times ${quantisation}, seed ${seed}`
      if (isLarge) t.throws(() => decode(bytes), { message: 'the entropy-coded data is invalid' }, name)
      else t.ok(decode(bytes).equals(await sharp(bytes).toColourspace('srgb').raw().toBuffer()), name)
    }
  }
})

t.test('a file that is no baseline JPEG is refused', async t => {
  for (const name of ['cmyk.jpg', 'rgb.png']) t.throws(() => new JpegScan(picture(name)), { message: 'not a baseline JPEG' })
})

/** The RGB pixels of a window, or of the whole picture. */
function decode (bytes: Buffer, window?: Window): Buffer {
  const scan = new JpegScan(bytes)
  const { left, top, width, height } = window ?? { left: 0, top: 0, width: scan.width, height: scan.height }
  const arena = new Arena()
  const bands = scan.bands({ left, top, width, height }, arena)
  const memory = arena.memory()
  const pixels = Buffer.alloc(width * height * 3)
  for (const band of bands()) {
    for (let y = 0; y < band.rows; y++) {
      for (let x = 0; x < width; x++) {
        const at = band.address + y * band.rowBytes + x * band.pixelBytes
        pixels.set(memory.subarray(at, at + 3), ((band.top - top + y) * width + x) * 3)
      }
    }
  }
  return pixels
}

function isAccepted (bytes: Buffer): boolean {
  try {
    decode(bytes)
    return true
  } catch {
    return false
  }
}

/** Pseudo-random numbers from 0 to 1, the same in each run. https://doi.org/10.18637/jss.v008.i14 */
function numbers (): () => number {
  let state = 2463534242
  return () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) / 2 ** 32
  }
}
