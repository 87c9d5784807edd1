import { Type, type Static, type TSchema } from '../typebox.ts'

const Tensor = (content: string) => Type.String({ minLength: 1, description: `Name of the output tensor with ${content}.` })

const Label = Type.String({ minLength: 1, description: "Name of the output tensor with the model's own label, [batch] or [batch, 1]. Its value is the answer." })

const Classes = Type.Array(Type.Union([Type.Number(), Type.String(), Type.Boolean()]), {
  description: 'The values of the label tensor, in the order of the labels. Default: the labels themselves.'
})

/** Schema of the card's `output`, for each kind of answer. */
export const OUTPUT_SCHEMAS = {
  classes: Type.Object({
    kind: Type.Literal('classes', { description: 'One label of many.' }),
    tensor: Tensor('one score for each label, [batch, labels]'),
    activation: Type.Enum(['none', 'softmax'], { description: 'softmax: the output holds logits, and the service applies softmax. none: the output holds probabilities.' }),
    label: Type.Optional(Label),
    classes: Type.Optional(Classes)
  }, { additionalProperties: false }),
  binary: Type.Object({
    kind: Type.Literal('binary', { description: 'One probability, of the second of two labels.' }),
    tensor: Tensor('one score for each input, [batch, 1] or [batch]'),
    activation: Type.Enum(['none', 'sigmoid'], { description: 'sigmoid: the output holds a logit, and the service applies the sigmoid function. none: the output holds a probability.' })
  }, { additionalProperties: false }),
  labels: Type.Object({
    kind: Type.Literal('labels', { description: 'Several labels at once.' }),
    tensor: Tensor('one score for each label, [batch, labels]'),
    activation: Type.Enum(['none', 'sigmoid'], { description: 'sigmoid: the output holds logits, and the service applies the sigmoid function. none: the output holds probabilities.' }),
    threshold: Type.Optional(Type.Number({ minimum: 0, maximum: 1, description: 'Least probability of a label in `labels` of the answer. Default: 0.5.' }))
  }, { additionalProperties: false }),
  label: Type.Object({
    kind: Type.Literal('label', { description: 'A label without a probability.' }),
    label: Label,
    classes: Type.Optional(Classes)
  }, { additionalProperties: false }),
  value: Type.Object({
    kind: Type.Literal('value', { description: 'A number.' }),
    tensor: Tensor('one number for each input, [batch, 1] or [batch]')
  }, { additionalProperties: false }),
  tensors: Type.Object({
    kind: Type.Literal('tensors', { description: "The model's output tensors, as they are." })
  }, { additionalProperties: false })
} as const satisfies Record<string, TSchema>

/** Schema of the card's `output`, of any kind. */
export const OutputSchema = Type.Union([
  OUTPUT_SCHEMAS.classes, OUTPUT_SCHEMAS.binary, OUTPUT_SCHEMAS.labels, OUTPUT_SCHEMAS.label, OUTPUT_SCHEMAS.value, OUTPUT_SCHEMAS.tensors
])

/** The card's `output`: what the model answers, and in which tensors. */
export type Output = Static<typeof OutputSchema>
