import { Type, type Static } from '../../typebox.ts'

/** How a picture becomes a row of the input tensor. Sizes are pixels. */
export const ImageInputSchema = Type.Object({
  kind: Type.Literal('image'),
  tensor: Type.String({ minLength: 1, description: "Name of the model's input." }),
  type: Type.Enum(['uint8', 'float32'], { description: 'uint8 hands over bytes, 0 to 255; float32 needs `normalisation`.' }),
  layout: Type.Enum(['NHWC', 'NCHW']),
  width: Type.Integer({ minimum: 1, maximum: 8192 }),
  height: Type.Integer({ minimum: 1, maximum: 8192 }),
  colour: Type.Enum(['rgb', 'grey']),
  resize: Type.Object({
    fit: Type.Enum(['cover', 'contain', 'stretch'], {
      description: 'cover: shorter side to size, centre crop. contain: longer side to size, padded. stretch: both sides.'
    }),
    shorterSide: Type.Optional(Type.Integer({
      minimum: 1, description: 'For cover: the shorter side before the crop, as in Resize(248) then CenterCrop(224).'
    })),
    filter: Type.Enum(['bilinear', 'bicubic', 'lanczos'], { description: "Antialiased, as in Pillow's resize." })
  }, { additionalProperties: false }),
  background: Type.String({ pattern: '^#[0-9a-fA-F]{6}$', description: 'What shows through transparent pixels.' }),
  invert: Type.Optional(Type.Enum(['never', 'auto'], {
    description: 'auto: a grey picture with a light border is dark-on-light and is inverted.'
  })),
  normalisation: Type.Optional(Type.Object({
    mean: Type.Array(Type.Number(), { minItems: 1, maxItems: 3 }),
    std: Type.Array(Type.Number({ exclusiveMinimum: 0 }), { minItems: 1, maxItems: 3 })
  }, { additionalProperties: false, description: '(value / 255 − mean) / std, for each channel.' }))
}, { additionalProperties: false })

export type ImageInput = Static<typeof ImageInputSchema>

/** A picture to classify: a file's bytes, under the name that an error about it uses, such as `file 'cat.jpg'`. */
export interface PictureItem {
  name: string
  bytes: Uint8Array
  /** Whether nobody else needs the bytes, so that they may move to a worker: copies keep the garbage collector busy. */
  isMovable?: boolean
}

/** Channels of the input tensor: 3 for rgb, 1 for grey. */
export function channelsOf ({ colour }: ImageInput): number {
  return colour === 'rgb' ? 3 : 1
}

/** Shape of one row of the input tensor, without the batch axis. */
export function rowShapeOf (input: ImageInput): number[] {
  const { width, height } = input
  return input.layout === 'NHWC' ? [height, width, channelsOf(input)] : [channelsOf(input), height, width]
}

/** What the schema cannot say: the first fault of an input, or null. */
export function faultOf (input: ImageInput): string | null {
  const { type, normalisation } = input
  if ((type === 'float32') !== (normalisation !== undefined)) return "/input: type float32 and 'normalisation' go together"
  const channels = channelsOf(input)
  const isWrong = [normalisation?.mean, normalisation?.std].some(values => values && values.length !== channels)
  return isWrong ? `/input/normalisation needs ${channels} values, one for each channel` : null
}
