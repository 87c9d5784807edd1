import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Type, type Static, Value } from '../typebox.ts'
import { CardInvalid } from '../errors.ts'
import { channelsOf } from '../input/shape.ts'

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

/** How a row of numbers becomes a row of the input tensor: in the order of the features. */
export const TableInputSchema = Type.Object({
  kind: Type.Literal('table'),
  tensor: Type.String({ minLength: 1, description: "Name of the model's input, [batch, features]." }),
  type: Type.Enum(['float32']),
  features: Type.Array(Type.Object({
    name: Type.String({ minLength: 1 }),
    unit: Type.Optional(Type.String()),
    min: Type.Number({ description: 'Least value seen in training.' }),
    max: Type.Number({ description: 'Greatest value seen in training.' }),
    example: Type.Number()
  }, { additionalProperties: false }), { minItems: 1 })
}, { additionalProperties: false })

const SampleAnswer = {
  label: Type.String({ description: "The reference's most probable label." }),
  probability: Type.Number({ minimum: 0, maximum: 1 })
}

/** The truth about a model: everything that differs between models, for machines and for people. */
export const CardSchema = Type.Object({
  name: Type.String({ minLength: 1 }),
  version: Type.String({ minLength: 1 }),
  title: Type.String({ minLength: 1 }),
  description: Type.String(),
  labelKey: Type.String({
    pattern: '^(?!(?:probability|index|top|model|version|predictions|importance|overlay|features)$)[A-Za-z_][A-Za-z0-9_-]*$',
    description: "The key of the answer that holds the label, such as 'food'."
  }),
  architecture: Type.String(),
  pretrainedOn: Type.String(),
  licence: Type.String(),
  training: Type.String(),
  dataset: Type.Object({
    name: Type.String(),
    url: Type.String(),
    licence: Type.String(),
    train: Type.Integer({ minimum: 0, description: 'Training examples.' }),
    test: Type.Integer({ minimum: 0, description: 'Held-out examples that `performance` was measured on.' })
  }, { additionalProperties: false }),
  performance: Type.Object({
    split: Type.String(),
    top1: Type.Number({ minimum: 0, maximum: 1 }),
    top5: Type.Optional(Type.Number({ minimum: 0, maximum: 1 }))
  }, { additionalProperties: false }),
  limits: Type.Array(Type.String()),
  input: Type.Union([ImageInputSchema, TableInputSchema]),
  output: Type.Object({
    tensor: Type.String({ minLength: 1, description: "Name of the model's output." }),
    activation: Type.Enum(['none', 'softmax'], { description: 'softmax: the output is logits. none: it is probabilities.' })
  }, { additionalProperties: false }),
  labels: Type.Array(Type.String({ minLength: 1 }), {
    minItems: 2, uniqueItems: true, description: "In the order of the output's columns."
  }),
  tolerance: Type.Optional(Type.Number({
    exclusiveMinimum: 0, maximum: 1, description: 'How far a probability may be from that of a sample. Default 0.01.'
  })),
  samples: Type.Optional(Type.Array(Type.Union([
    Type.Object({ file: Type.String({ pattern: '^[^/.][^:]*$' }), ...SampleAnswer }, { additionalProperties: false }),
    Type.Object({ row: Type.Array(Type.Number()), ...SampleAnswer }, { additionalProperties: false })
  ]), { description: 'Inputs with the answers that the model gave where it was trained, checked at start-up.' }))
}, { additionalProperties: false })

export type ImageInput = Static<typeof ImageInputSchema>
export type TableInput = Static<typeof TableInputSchema>
export type Card = Static<typeof CardSchema>

/**
 * Reads and checks `card.json` of a model folder.
 *
 * @throws CardInvalid with the path and the field at fault.
 */
export async function readCard (folder: string): Promise<Card> {
  const path = join(folder, 'card.json')
  let card: unknown
  try {
    card = JSON.parse(await readFile(path, 'utf8'))
  } catch (error) {
    throw new CardInvalid(path, error instanceof Error ? error.message : String(error))
  }
  if (!Value.Check(CardSchema, card)) {
    const [first] = Value.Errors(CardSchema, card)
    throw new CardInvalid(path, first ? `${first.instancePath || 'the card'} ${first.message.replace('schema is false', 'is not a field of a card')}` : 'does not fit the schema')
  }
  if (card.input.kind === 'image') checkNormalisation(card.input, path)
  return card
}

function checkNormalisation (input: ImageInput, path: string): void {
  if ((input.type === 'float32') !== (input.normalisation !== undefined)) {
    throw new CardInvalid(path, "/input: type float32 and 'normalisation' go together")
  }
  for (const values of [input.normalisation?.mean, input.normalisation?.std]) {
    if (values && values.length !== channelsOf(input)) {
      throw new CardInvalid(path, `/input/normalisation needs ${channelsOf(input)} values, one for each channel`)
    }
  }
}
