import sharp from 'sharp'
import { draw } from './pictures.ts'

/** An undamaged picture. */
export interface Sample {
  name: string
  bytes: Buffer
}

const [WIDTH, HEIGHT] = [37, 29]

/** Makes small pictures of every format that the service reads, and of the variants that sharp writes. */
export async function makeSamples (): Promise<Sample[]> {
  const drawing = { width: WIDTH, height: HEIGHT, content: 'gradient' as const, seed: 7 }
  const rgb = sharp(draw(drawing), { raw: { width: WIDTH, height: HEIGHT, channels: 3 } })
  const rgba = sharp(draw(drawing, 4), { raw: { width: WIDTH, height: HEIGHT, channels: 4 } })
  const grey = rgb.clone().toColourspace('b-w')
  const grey16 = rgb.clone().toColourspace('grey16')
  const frames = sharp(Buffer.concat([draw(drawing), draw({ ...drawing, seed: 8 })]), { raw: { width: WIDTH, height: HEIGHT * 2, channels: 3, pageHeight: HEIGHT } })
  const files = {
    'baseline.jpg': rgb.clone().jpeg(),
    'baseline-420.jpg': rgb.clone().withMetadata({ orientation: 6 }).jpeg({ quality: 60 }),
    'progressive.jpg': rgb.clone().jpeg({ progressive: true }),
    'grey.jpg': grey.clone().jpeg(),
    'cmyk.jpg': rgb.clone().toColourspace('cmyk').jpeg(),
    'rgb.png': rgb.clone().png(),
    'interlaced.png': rgba.clone().png({ progressive: true }),
    'palette.png': rgba.clone().png({ palette: true }),
    'grey16.png': grey16.clone().png(),
    'lossy.webp': rgb.clone().webp(),
    'lossless.webp': rgba.clone().webp({ lossless: true }),
    'animated.webp': frames.clone().webp({ loop: 0, delay: 10 }),
    'still.gif': rgb.clone().gif(),
    'animated.gif': frames.clone().gif(),
    'lossy.avif': rgb.clone().avif({ effort: 0 }),
    'transparent.avif': rgba.clone().avif({ effort: 0 }),
    'jpeg.tiff': rgb.clone().tiff({ compression: 'jpeg' }),
    'lzw.tiff': rgb.clone().tiff({ compression: 'lzw', predictor: 'horizontal' }),
    'none.tiff': rgba.clone().tiff({ compression: 'none' }),
    'tiles.tiff': rgb.clone().tiff({ compression: 'deflate', tile: true, tileWidth: 16, tileHeight: 16, pyramid: true }),
    'bits.tiff': grey.clone().tiff({ bitdepth: 1, compression: 'ccittfax4' })
  }
  return await Promise.all(Object.entries(files).map(async ([name, image]) => ({ name, bytes: await image.toBuffer() })))
}
