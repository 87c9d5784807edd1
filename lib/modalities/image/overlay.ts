import sharp from 'sharp'
import type { ImageInput } from './input.ts'
import { viewOf } from './libvips.ts'
import type { Picture } from './picture.ts'

/** Longer side of the overlay. */
const SIDE_PIXELS = 448

/** Red, green and blue of cells that speak for the label. */
const FOR_RGB = [255, 92, 0]

/** Red, green and blue of cells that speak against the label. */
const AGAINST_RGB = [40, 110, 255]

/** Largest opacity of a cell. */
const OPACITY = 0.72

/** Least importance with the largest opacity. If no cell is as important, all cells are fainter. */
const FULL_IMPORTANCE = 0.1

/**
 * Draws the part of a picture that the model sees, with the importance of its cells in colour: orange for the label, blue
 * against it. More important cells are more opaque.
 *
 * @param importance rows of cells, as `importanceOf` returns them
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

/** The importance map as RGBA, one pixel per cell. */
function heatOf (importance: number[][]): Buffer {
  const strongest = Math.max(FULL_IMPORTANCE, ...importance.flat().map(Math.abs))
  return Buffer.from(importance.flat().flatMap(value => {
    return [...value > 0 ? FOR_RGB : AGAINST_RGB, Math.round(255 * OPACITY * Math.abs(value) / strongest)]
  }))
}
