import { createHash } from 'node:crypto'
import sharp from 'sharp'

/** The pictures that are drawn, and what each is drawn from. */
export const PICTURES = [['diagram.png', 'diagram/pipeline.svg'], ['diagram/architecture.png', 'diagram/architecture.svg']] as const

/** What a picture says in its EXIF about the source it was drawn from. */
export function stampOf (svg: Buffer): string {
  return `sha256 ${createHash('sha256').update(svg).digest('hex')}`
}

/** The diagram as a PNG, stamped with its source. The lettering is the machine's, Liberation Sans where there is one. */
export async function draw (svg: Buffer): Promise<Buffer> {
  // The service never opens SVG; this one is the project's own.
  sharp.unblock({ operation: ['VipsForeignLoadSvgBuffer'] })
  return await sharp(svg).png({ palette: true, colours: 40, effort: 10 }).withExif({ IFD0: { ImageDescription: stampOf(svg) } }).toBuffer()
}
