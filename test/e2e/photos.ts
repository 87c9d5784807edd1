import sharp from 'sharp'
import { picture } from '../fixtures/expected.ts'

/** A JPEG just below the pixel limit. */
export async function largePhoto (): Promise<Buffer<ArrayBuffer>> {
  return Buffer.from(await sharp(picture('rgb.jpg')).resize(8000, 6000, { fit: 'fill' }).jpeg().toBuffer())
}

/** A PNG just below the pixel limit. The server holds all its pixels in memory. */
export async function largeDrawing (): Promise<Buffer<ArrayBuffer>> {
  return Buffer.from(await sharp({ create: { width: 8000, height: 6000, channels: 3, background: '#c2410c' } }).png().toBuffer())
}
