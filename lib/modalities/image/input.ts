import { Type, type Static } from '../../typebox.ts'

/** Longest side of a resized picture that a card may ask for. */
const SIDE_LIMIT_PIXELS = 16_384

/** The card's `input` for pictures: the input tensor, and how a picture becomes one row of it. Sizes are in pixels. */
export const ImageInputSchema = Type.Object({
  kind: Type.Literal('image'),
  tensor: Type.String({ minLength: 1, description: "Name of the model's input tensor." }),
  type: Type.Enum(['uint8', 'float32', 'float16'], {
    description: 'Data type of the input tensor. uint8: the levels of the pixels, 0 to 255. float32, float16: the levels after `normalisation`; without it the levels themselves.'
  }),
  layout: Type.Enum(['NHWC', 'NCHW'], { description: 'Order of the axes: batch (N), height (H), width (W), channels (C).' }),
  width: Type.Integer({ minimum: 1, maximum: 8192 }),
  height: Type.Integer({ minimum: 1, maximum: 8192 }),
  colour: Type.Enum(['rgb', 'bgr', 'grey'], {
    description: 'Channels of the input tensor and their order. rgb: red, green, blue. bgr: blue, green, red, as in OpenCV. grey: one channel, the luma of ITU-R 601.'
  }),
  resize: Type.Object({
    fit: Type.Enum(['cover', 'contain', 'stretch'], {
      description: 'cover: resize the shorter side and keep the proportions, then crop the centre. contain: resize the longer side and keep the proportions, then pad. stretch: resize both sides, whatever the proportions.'
    }),
    shorterSide: Type.Optional(Type.Integer({
      minimum: 1,
      maximum: SIDE_LIMIT_PIXELS,
      description: 'Size before the crop, in pixels. For cover: length of the shorter side, 256 for Resize(256), CenterCrop(224). For stretch: length of both sides. Default: the size of the input, without a crop on that side.'
    })),
    longerSide: Type.Optional(Type.Integer({
      minimum: 1,
      maximum: SIDE_LIMIT_PIXELS,
      description: "For contain: length of the longer side, in pixels, if it is not the size of the input. What reaches beyond the input is cropped, as with timm's crop mode border."
    })),
    filter: Type.Enum(['bilinear', 'bicubic', 'lanczos'], { description: "Resampling filter, with antialiasing as in Pillow's resize." }),
    rounding: Type.Optional(Type.Enum(['torchvision', 'transformers'], {
      description: "Whose arithmetic decides the last pixel of a resize and of a crop, and pads with black a picture that is smaller than the input. torchvision: also timm and Ultralytics; the longer side is cut off to an integer, and a crop starts at Python's round((side - crop) / 2). transformers: the longer side is cut off too, and a crop starts at (side - crop) // 2. Default: the longer side is rounded, a half to the even number, and a crop starts at (side - crop) // 2."
    }))
  }, { additionalProperties: false }),
  background: Type.String({ pattern: '^#[0-9a-fA-F]{6}$', description: 'Colour behind transparent pixels, and of the padding.' }),
  invert: Type.Optional(Type.Enum(['never', 'auto'], {
    description: 'auto: invert pictures with a light border, for models that learned light objects on a dark background. Default: never.'
  })),
  normalisation: Type.Optional(Type.Union([
    Type.Object({
      mean: Type.Array(Type.Number(), { minItems: 1, maxItems: 3 }),
      std: Type.Array(Type.Number({ exclusiveMinimum: 0 }), { minItems: 1, maxItems: 3 })
    }, { additionalProperties: false }),
    Type.Null()
  ], {
    description: '(level / 255 − mean) / std, for each channel in the order of `colour`. mean 0 and std 1 give 0 to 1; mean 0.5 and std 0.5 give −1 to 1. A mean and a standard deviation of the levels 0 to 255 are divided by 255 first. Absent or null: the levels 0 to 255 themselves.'
  }))
}, { additionalProperties: false })

/** The card's `input` for pictures. */
export type ImageInput = Static<typeof ImageInputSchema>

/** A picture to classify. */
export interface PictureItem {
  /** Name in error messages, such as `file 'cat.jpg'`. */
  name: string
  /** The encoded file. */
  bytes: Uint8Array
  /** Whether the bytes may move to a worker, because no other code needs them. This saves a copy. */
  isMovable?: boolean
}

/** Number of channels of the input tensor: 3 for rgb and bgr, 1 for grey. */
export function channelsOf ({ colour }: ImageInput): number {
  return colour === 'grey' ? 1 : 3
}

/** Shape of one row of the input tensor, without the batch axis. */
export function rowShapeOf (input: ImageInput): number[] {
  const { width, height } = input
  return input.layout === 'NHWC' ? [height, width, channelsOf(input)] : [channelsOf(input), height, width]
}

/** Checks the rules that the schema cannot express. Returns the first error message, or `null`. */
export function faultOf (input: ImageInput): string | null {
  const { type, normalisation, resize: { fit, shorterSide, longerSide } } = input
  if (shorterSide !== undefined && fit === 'contain') return "/input/resize: 'shorterSide' is for fit cover and stretch; for contain, use 'longerSide'"
  if (longerSide !== undefined && fit !== 'contain') return "/input/resize: 'longerSide' is for fit contain; for cover and stretch, use 'shorterSide'"
  if (type === 'uint8' && normalisation) return "/input: 'normalisation' is for type float32 and float16; a tensor of uint8 takes the levels as they are"
  const channels = channelsOf(input)
  const isWrong = [normalisation?.mean, normalisation?.std].some(values => values && values.length !== channels)
  return isWrong ? `/input/normalisation needs ${channels} values, one for each channel` : null
}
