import { InputSchema } from '../modalities/kinds.ts'
import { Type, type Static } from '../typebox.ts'

const SampleAnswer = {
  label: Type.String({ description: "The reference's most probable label." }),
  probability: Type.Number({ minimum: 0, maximum: 1 })
}

/** What a model takes and answers: everything that differs between models and that the service acts on. */
export const ContractProperties = {
  name: Type.String({ minLength: 1, description: "Default: the folder's name." }),
  version: Type.String({ minLength: 1, description: "Default: '1'." }),
  labelKey: Type.String({
    pattern: '^(?!(?:probability|index|top|model|version|predictions|importance|overlay|features)$)[A-Za-z_][A-Za-z0-9_-]*$',
    description: "The key of the answer that holds the label, such as 'food'. Default: 'label'."
  }),
  input: InputSchema,
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
    Type.Object({ file: Type.String({ pattern: '^(?!.*/\\.\\.(?:/|$))[^/.][^:\\\\]*$', description: "A path inside the model's folder." }), ...SampleAnswer }, { additionalProperties: false }),
    Type.Object({ row: Type.Array(Type.Number()), ...SampleAnswer }, { additionalProperties: false })
  ]), { description: 'Inputs with the answers that the model gave where it was trained, checked at start-up.' }))
}

export type Contract = Static<Type.TObject<typeof ContractProperties>>
