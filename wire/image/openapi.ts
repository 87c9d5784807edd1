import type { Card } from '../../lib/card/card.ts'
import { examplePicture } from '../../lib/modalities/image/examples.ts'
import type { ImageInput } from '../../lib/modalities/image/input.ts'
import { IMAGE_FORMATS } from '../../lib/modalities/image/libvips.ts'
import { Type } from '../../lib/typebox.ts'
import { BINARY, explanation, Importance, type Content, type Described } from '../schemas.ts'

/** The body of a prediction, for each content type that it may come as, with a picture that works. */
export async function pictureBody (input: ImageInput): Promise<{ content: Content }> {
  const example = (await examplePicture(input)).toString('base64')
  return {
    content: {
      'multipart/form-data': {
        schema: Type.Object({
          file: Type.Unsafe<unknown>({
            ...BINARY, description: `A picture (${IMAGE_FORMATS.join(', ')}). Repeat the field for several; any field name will do.`
          })
        })
      },
      'application/json': {
        schema: Type.Object({
          image: Type.String({ minLength: 1, description: 'A picture in base64; a data: URL will do.' })
        }, { additionalProperties: false, examples: [{ image: example }] })
      },
      ...Object.fromEntries(['image/jpeg', 'image/png', 'image/webp', 'application/octet-stream'].map(type => [type, {
        schema: Type.Unsafe<unknown>({ ...BINARY, description: 'The bytes of one picture; its format is sniffed from them.' })
      }]))
    }
  }
}

/** What carried the answer: cells of the picture. */
export function explanationOf (card: Card): Described {
  const importance = Type.Array(Type.Array(Importance), {
    description: "Lines of cells of what the model sees: how far the label's probability falls on average when a part that covers the cell is hidden."
  })
  const overlay = Type.String({ description: 'What the model sees, with those cells glowing: a data: URL of a PNG.' })
  return {
    description: 'Which parts of the picture carried the answer.',
    content: {
      'application/json': { schema: explanation(card, { importance, overlay }) },
      'image/png': { schema: Type.Unsafe<unknown>({ ...BINARY, description: 'The overlay alone, for Accept: image/png.' }) }
    }
  }
}
