import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import sharp, { type Sharp } from 'sharp'

/** A request body of the mix. */
export interface Sample {
  /** What it is, for the count of the answers. */
  name: string
  /** How often it is sent, relative to the others. */
  share: number
  type: string
  body: Uint8Array<ArrayBuffer>
  /** Path to send it to. */
  path: string
  /** Whether the client leaves before the answer. */
  isAbandoned?: boolean
}

/** The sizes of the pictures in pixels, and how often each is sent. */
const SIZES = [{ width: 320, height: 240, share: 12 }, { width: 1600, height: 1200, share: 4 }, { width: 4000, height: 3000, share: 1 }]

const FORMATS: Record<string, (image: Sharp) => Sharp> = {
  'JPEG, 4:2:0': image => image.jpeg(),
  'JPEG, 4:4:4': image => image.jpeg({ chromaSubsampling: '4:4:4' }),
  'JPEG, progressive': image => image.jpeg({ progressive: true }),
  'JPEG, CMYK': image => image.toColourspace('cmyk').jpeg(),
  'JPEG, turned': image => image.withMetadata({ orientation: 6 }).jpeg(),
  PNG: image => image.png({ compressionLevel: 1 }),
  'PNG, interlaced': image => image.ensureAlpha(0.5).png({ compressionLevel: 1, progressive: true }),
  'PNG, 16 bits': image => image.toColourspace('rgb16').png({ compressionLevel: 1 }),
  'WebP, lossy': image => image.webp({ effort: 0 }),
  'WebP, lossless': image => image.webp({ effort: 0, lossless: true }),
  GIF: image => image.gif({ effort: 1 }),
  AVIF: image => image.avif({ effort: 0 }),
  TIFF: image => image.tiff({ compression: 'lzw', predictor: 'horizontal' }),
  'TIFF, tiles': image => image.tiff({ compression: 'deflate', tile: true })
}

/** A larger body is over UPLOAD_LIMIT. */
const UPLOAD_LIMIT_BYTES = 20 * 1024 * 1024

/** Random numbers from 0 to 1. The same seed gives the same numbers. */
export function randomFrom (seed: number): () => number {
  let state = seed
  return () => (state = (state * 1664525 + 1013904223) % 2 ** 32) / 2 ** 32
}

/**
 * Pictures of all formats in several sizes, the same ones damaged, cut off and abandoned, and bodies that are no pictures.
 *
 * @param folder files to add, one request each
 */
export async function makeCorpus (random: () => number, folder?: string): Promise<Sample[]> {
  const samples: Sample[] = []
  const add = (name: string, share: number, body: Uint8Array | string, { type = 'application/octet-stream', path = '/predict', isAbandoned = false } = {}) => {
    samples.push({ name, share, type, path, isAbandoned, body: typeof body === 'string' ? new TextEncoder().encode(body) : Uint8Array.from(body) })
  }
  for (const [name, encode] of Object.entries(FORMATS)) {
    for (const { width, height, share } of SIZES) {
      const bytes = await encode(scene(width, height, random)).toBuffer()
      add(name, share, bytes)
      if (width === 4000) add('abandoned', share, bytes, { isAbandoned: true })
      if (width === 4000) continue
      add('truncated', share / 8, bytes.subarray(0, bytes.length * (0.1 + 0.8 * random())))
      add('damaged', share / 8, damaged(bytes, random))
    }
  }
  const photo = await scene(640, 480, random).jpeg().toBuffer()
  add('explained', 2, photo, { path: '/explain' })
  add('JSON', 8, JSON.stringify({ image: photo.toString('base64') }), { type: 'application/json' })
  add('form', 8, form(photo, photo), { type: 'multipart/form-data; boundary=b' })
  add('form, one file damaged', 2, form(photo, damaged(photo, random)), { type: 'multipart/form-data; boundary=b' })
  add('JSON, no base64', 2, '{"image":"not base64"}', { type: 'application/json' })
  add('JSON, cut off', 2, JSON.stringify({ image: 'a'.repeat(100_000) }).slice(0, -2), { type: 'application/json' })
  add('CSV', 2, '1,2,3\n4,5,"6\n', { type: 'text/csv' })
  add('no picture', 2, Uint8Array.from({ length: 200_000 }, () => random() * 256))
  add('no picture', 2, `%PDF-1.7\n${'text '.repeat(1000)}`)
  add('too many pixels', 1, await sharp({ create: { width: 9000, height: 9000, channels: 3, background: '#c2410c' } }).png().toBuffer())
  add('too many bytes', 1, new Uint8Array(UPLOAD_LIMIT_BYTES + 1024))
  for (const name of folder === undefined ? [] : readdirSync(folder, { recursive: true, encoding: 'utf8', withFileTypes: true })) {
    if (name.isFile()) add('folder', 1, readFileSync(join(name.parentPath, name.name)))
  }
  return samples
}

/** A picture with areas and noise, so that no format compresses it to nothing. */
function scene (width: number, height: number, random: () => number): Sharp {
  const [w, h] = [Math.ceil(width / 8), Math.ceil(height / 8)]
  const raw = Buffer.from(Uint8Array.from({ length: w * h * 3 }, () => random() * 256))
  return sharp(raw, { raw: { width: w, height: h, channels: 3 } }).resize(width, height, { fit: 'fill', kernel: 'cubic' })
}

/** Overwrites some bytes behind the header. */
function damaged (bytes: Buffer, random: () => number): Buffer {
  const copy = Buffer.from(bytes)
  for (let at = 0; at < 20; at++) copy[Math.floor(copy.length * (0.2 + 0.8 * random()))] = random() * 256
  return copy
}

function form (...files: Buffer[]): Buffer {
  const parts = files.flatMap((bytes, at) => [Buffer.from(`--b\r\nContent-Disposition: form-data; name="file"; filename="${at}.jpg"\r\nContent-Type: image/jpeg\r\n\r\n`), bytes, Buffer.from('\r\n')])
  return Buffer.concat([...parts, Buffer.from('--b--\r\n')])
}
