import { readFileSync } from 'node:fs'
import sharp from 'sharp'
import { projectFile } from '../lib/project.ts'

/**
 * Makes a synthetic JPEG: noise over gradients. It costs as much to decode as a photo of that size.
 *
 * @param sidePixels the longer side; the other side is three quarters of it
 */
export async function photo (sidePixels: number): Promise<Buffer> {
  const [width, height] = [sidePixels, Math.round(sidePixels * 3 / 4)]
  const noise = await sharp({ create: { width, height, channels: 3, background: '#808080', noise: { type: 'gaussian', mean: 128, sigma: 18 } } }).blur(0.8).png().toBuffer()
  const shade = await sharp(readFileSync(projectFile('test/fixtures/pictures/rgb.png'))).resize(width, height, { fit: 'fill' }).png().toBuffer()
  return await sharp(shade).composite([{ input: noise, blend: 'overlay' }]).jpeg({ quality: 88 }).toBuffer()
}
