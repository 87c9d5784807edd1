import type { Card } from '../../lib/card/card.ts'
import { examplePicture } from '../../lib/modalities/image/examples.ts'
import type { ImageInput } from '../../lib/modalities/image/input.ts'
import { IMAGE_FORMATS } from '../../lib/modalities/image/formats.ts'
import { Type } from '../../lib/typebox.ts'
import { BINARY, explained, explanation, type Content, type Described } from '../schemas.ts'

/** The request body for each content type, with a valid picture as the example. */
export async function pictureBody (input: ImageInput): Promise<{ content: Content }> {
  const example = (await examplePicture(input)).toString('base64')
  return {
    content: {
      'multipart/form-data': {
        schema: Type.Object({
          file: Type.Unsafe<unknown>({
            ...BINARY, description: `A picture (${IMAGE_FORMATS.join(', ')}). Repeat the field to send several pictures. Any field name works.`
          })
        }, { additionalProperties: false })
      },
      'application/json': {
        schema: Type.Object({
          image: Type.String({ minLength: 1, contentEncoding: 'base64', description: 'A picture as base64 or as a data: URL.' })
        }, { additionalProperties: false, 'x-read-by-hand': true, examples: [{ image: example }] })
      },
      ...Object.fromEntries(['image/jpeg', 'image/png', 'image/webp', 'application/octet-stream'].map(type => [type, {
        schema: Type.Unsafe<unknown>({ ...BINARY, description: 'The bytes of one picture. The format is detected from the bytes.' })
      }]))
    }
  }
}

/** The answer of `/explain` for pictures: the importance of each cell, and an overlay. */
export function explanationOf (card: Card): Described {
  const { name, importance: drop } = explained(card)
  const importance = Type.Array(Type.Array(drop), {
    description: `Rows of cells of the picture as the model sees it. For each cell, the mean drop of the ${name} when a window over the cell is hidden.`
  })
  const overlay = Type.String({ description: 'The picture as the model sees it, with the important cells in colour, as a data: URL of a PNG.' })
  return {
    description: `The importance of each part of the picture for the ${name}.`,
    content: {
      'application/json': { schema: explanation(card, { importance, overlay }) },
      'image/png': { schema: Type.Unsafe<unknown>({ ...BINARY, description: 'Only the overlay, for requests with Accept: image/png.' }) }
    }
  }
}
