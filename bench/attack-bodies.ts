import sharp from 'sharp'
import { photo } from './photo.ts'

/** A request that costs the service more than others of its size. */
export interface Bait {
  /** The embedded model that it is sent to. */
  model: 'iris' | 'tensorfood'
  headers: Record<string, string>
  body: () => Buffer | Promise<Buffer>
  /** How many of them are under way at the same time. */
  atOnce: number
  /** The caller leaves after this time. Default: it waits for the answer. */
  leavesAfterMs?: number
}

/** Just below UPLOAD_LIMIT. */
const BODY_BYTES = 20_900_000

/** Width of a picture of nearly 50 megapixels, just below PIXEL_LIMIT. */
const LARGE_SIDE_PIXELS = 8160

const JSON_TYPE = { 'content-type': 'application/json' }
const CSV_TYPE = { 'content-type': 'text/csv' }
const IMAGE_TYPE = { 'content-type': 'image/jpeg' }

/** A text again and again, up to this many bytes. */
function repeated (text: string, bytes = BODY_BYTES): Buffer {
  return Buffer.alloc(bytes, text)
}

/** A baseline JPEG of 50 megapixels. */
async function largePhoto (): Promise<Buffer> {
  return await sharp(await photo(2040)).resize(LARGE_SIDE_PIXELS, LARGE_SIDE_PIXELS * 3 / 4).jpeg({ quality: 60 }).toBuffer()
}

/** Requests whose parsing or decoding takes as much time or memory as possible. */
export const BAITS: Record<string, Bait> = {
  'CSV of 20.9 MB of quotes': { model: 'iris', headers: CSV_TYPE, body: () => repeated('"'), atOnce: 4 },
  'CSV of one line of 5.2 million fields': { model: 'iris', headers: CSV_TYPE, body: () => repeated('1,1,'), atOnce: 4 },
  'CSV of 1.5 million short rows': { model: 'iris', headers: CSV_TYPE, body: () => repeated('1\n', 3_000_000), atOnce: 4 },
  'CSV of 20.9 million empty lines': { model: 'iris', headers: CSV_TYPE, body: () => repeated('\n'), atOnce: 4 },
  'CSV of 20.9 million blanks': { model: 'iris', headers: CSV_TYPE, body: () => repeated(' '), atOnce: 4 },
  'JSON of 20.9 million [': { model: 'iris', headers: JSON_TYPE, body: () => repeated('['), atOnce: 4 },
  'JSON of 10 million [ and ]': { model: 'iris', headers: JSON_TYPE, body: () => Buffer.concat([repeated('[', BODY_BYTES / 2), repeated(']', BODY_BYTES / 2)]), atOnce: 4 },
  'JSON of 7 million empty lists': { model: 'iris', headers: JSON_TYPE, body: () => Buffer.concat([Buffer.from('['), repeated('[],'), Buffer.from('1]')]), atOnce: 4 },
  'JSON of one number of 20.9 million digits': { model: 'iris', headers: JSON_TYPE, body: () => repeated('1'), atOnce: 4 },
  'JSON text of 3.5 million escapes': { model: 'iris', headers: JSON_TYPE, body: () => Buffer.concat([Buffer.from('"'), repeated('\\u00e9'), Buffer.from('"')]), atOnce: 4 },
  // Four requests of 4,096 rows would fill the queue, and honest ones would rightly be told so.
  'tables of 4,096 rows': { model: 'iris', headers: CSV_TYPE, body: () => repeated('5.9,3.0,5.1,1.8\n', 16 * 4096), atOnce: 3 },
  'rows for which the model computes NaN': { model: 'iris', headers: JSON_TYPE, body: () => Buffer.from('[1e38,1e38,1e38,1e38]'), atOnce: 4 },
  'a boundary of 300 characters': { model: 'iris', headers: { 'content-type': `multipart/form-data; boundary=${'b'.repeat(300)}` }, body: () => Buffer.from('--b--'), atOnce: 4 },
  'a form of 20.9 MB of boundaries': { model: 'tensorfood', headers: { 'content-type': 'multipart/form-data; boundary=b' }, body: () => repeated('--b\r\n\r\n\r\n'), atOnce: 4 },
  'a picture of 20 MB as base64 in JSON': {
    model: 'tensorfood', headers: JSON_TYPE, body: () => Buffer.from(JSON.stringify({ image: Buffer.alloc(20_000_000, 7).toString('base64') })), atOnce: 4
  },
  'JPEGs of 50 megapixels with a comment before the end': {
    model: 'tensorfood',
    headers: IMAGE_TYPE,
    body: async () => {
      const jpeg = await largePhoto()
      return Buffer.concat([jpeg.subarray(0, -2), Buffer.from([0xff, 0xfe, 0, 4, 0x61, 0x62]), jpeg.subarray(-2)])
    },
    atOnce: 8
  },
  'JPEGs of 50 megapixels with damaged data': {
    model: 'tensorfood',
    headers: IMAGE_TYPE,
    body: async () => {
      const jpeg = await largePhoto()
      return Buffer.concat([jpeg.subarray(0, jpeg.length * 0.6), Buffer.alloc(1000, 0xaa), jpeg.subarray(jpeg.length * 0.6 + 1000)])
    },
    atOnce: 32
  },
  'progressive JPEGs of 50 megapixels, abandoned after 0.6 s': {
    model: 'tensorfood', headers: IMAGE_TYPE, body: async () => await sharp(await largePhoto()).jpeg({ quality: 60, progressive: true }).toBuffer(), atOnce: 16, leavesAfterMs: 600
  }
}
