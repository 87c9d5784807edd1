import { tensorOf, type Tensors } from '../../tensor.ts'
import type { Again, Reasons, Row } from '../modality.ts'
import { rowShapeOf, type ImageInput } from './input.ts'
import { GRID_CELLS, importanceOf, occlusions } from './occlusion.ts'
import { pictureOf } from './picture.ts'

/** Number of variations of a picture, each with another part hidden. */
export const VARIATIONS = GRID_CELLS * GRID_CELLS

/**
 * Explains the answer to a picture by occlusion: hides one part after the other and measures the drop of the probability.
 *
 * @param kept the row's input tensors
 * @param probability of the explained label, for the unchanged picture
 * @throws Error when the tensor was not kept, or when the model or the decoder fails
 */
export async function explainPicture (row: Row, kept: Tensors | undefined, probability: number, again: Again, input: ImageInput): Promise<Reasons> {
  const picture = pictureOf('payload' in row.content ? row.content.payload : undefined)
  const original = kept?.[input.tensor]
  if (original?.dtype !== 'uint8' && original?.dtype !== 'float32' && original?.dtype !== 'float16') throw new Error('the explanation needs the tensor of the picture')
  const shape = [1, ...rowShapeOf(input)]
  const rows = occlusions(original.data, input).map(data => {
    return { content: { feeds: { [input.tensor]: tensorOf(input.type, shape, data) } }, weightBytes: 0, isSlow: false, batchKey: 'occlusion', transfer: [] }
  })
  const [{ memoryOf }, { drawOverlay }] = await Promise.all([import('./libvips.ts'), import('./overlay.ts')])
  const importance = importanceOf(await again.probabilities(rows), probability)
  const overlay = await again.whenMemory(picture.libvipsBytes ?? await memoryOf(picture.bytes), async () => await drawOverlay(picture, input, importance))
  return { picture: { importance, overlay } }
}
