import sharp from 'sharp'
import type { ImageInput } from './input.ts'
import { viewOf } from './libvips.ts'
import type { Picture } from './picture.ts'

/** Longer side of the picture that is drawn, in pixels. */
const SIDE_PIXELS = 448

/** Colours, as red, green and blue, of what speaks for the label and of what speaks against it. */
const FOR = [255, 92, 0]
const AGAINST = [40, 110, 255]

/** Opacity of the strongest cell. */
const STRONGEST = 0.72

/** An importance that deserves it; where the strongest is less, everything is fainter. */
const STRONG = 0.1

/**
 * Draws what the model sees of a picture, with the cells that carried its answer glowing: orange for the label, blue
 * against it, the strongest cell brightest.
 *
 * @param importance rows of cells, as `importanceOf` answers them
 * @returns PNG
 * @throws Error when the picture cannot be decoded
 */
export async function drawOverlay (picture: Picture, input: ImageInput, importance: number[][]): Promise<Buffer> {
  const scale = SIDE_PIXELS / Math.max(input.width, input.height)
  const width = Math.round(input.width * scale)
  const height = Math.round(input.height * scale)
  const heat = await sharp(heatOf(importance), { raw: { width: importance[0]?.length ?? 1, height: importance.length, channels: 4 } })
    .resize(width, height, { kernel: 'cubic', fit: 'fill' }).png().toBuffer()
  return await sharp(await viewOf(picture, input, width, height)).modulate({ saturation: 0.35, brightness: 0.85 })
    .composite([{ input: heat }]).png({ palette: true, quality: 90, effort: 3 }).toBuffer()
}

function heatOf (importance: number[][]): Buffer {
  const strongest = Math.max(STRONG, ...importance.flat().map(Math.abs))
  return Buffer.from(importance.flat().flatMap(value => {
    return [...value > 0 ? FOR : AGAINST, Math.round(255 * STRONGEST * Math.abs(value) / strongest)]
  }))
}
