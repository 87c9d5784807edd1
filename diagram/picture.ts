import { createHash } from 'node:crypto'
import sharp from 'sharp'

/** Each picture, the SVG file that it is drawn from, and its number of colours: 16 colours make a file half as large. */
export const PICTURES = [['diagram.png', 'diagram/pipeline.svg', 40], ['diagram/architecture.png', 'diagram/architecture.svg', 16]] as const

/** The EXIF text of a picture: it identifies the SVG that the picture was drawn from. */
export function stampOf (svg: Buffer): string {
  return `sha256 ${createHash('sha256').update(svg).digest('hex')}`
}

/** Draws an SVG as PNG, with `stampOf` in its EXIF. The font is Liberation Sans if this machine has it. */
export async function draw (svg: Buffer, colours: number): Promise<Buffer> {
  // SVG is blocked, because the service never reads it. This one is the project's own.
  sharp.unblock({ operation: ['VipsForeignLoadSvgBuffer'] })
  return await sharp(svg).png({ palette: true, colours, dither: 0, effort: 10 }).withExif({ IFD0: { ImageDescription: stampOf(svg) } }).toBuffer()
}
