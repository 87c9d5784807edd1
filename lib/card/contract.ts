import { InputSchema } from '../modalities/kinds.ts'
import { Type, type Static } from '../typebox.ts'
import { OutputSchema } from './output.ts'

/** Expected answer to a golden sample. What is missing is not compared. */
const SampleAnswer = {
  label: Type.Optional(Type.String({ description: 'The label in the training environment; of several labels at once, the most probable one.' })),
  probability: Type.Optional(Type.Number({ minimum: 0, maximum: 1, description: 'Probability of this label in the training environment.' })),
  labels: Type.Optional(Type.Array(Type.String(), { description: 'All labels that reach the threshold in the training environment, for a model with several labels at once.' })),
  value: Type.Optional(Type.Number({ description: 'The number in the training environment, for a model that answers a number.' }))
}

/** The part of the card that the service works with: input, output and labels of the model. */
export const ContractProperties = {
  name: Type.String({ minLength: 1, description: 'Name of the model. Default: the name of its folder.' }),
  version: Type.String({ minLength: 1, description: "Version of the model. Default: '1'." }),
  labelKey: Type.String({
    pattern: '^(?!(?:probability|index|top|labels|outputs|model|version|predictions|importance|overlay|features|words)$)[A-Za-z_][A-Za-z0-9_-]*$',
    description: "Name of the answer's field that holds the label, such as 'food'. Default: 'label'."
  }),
  input: InputSchema,
  output: OutputSchema,
  labels: Type.Array(Type.String({ minLength: 1 }), {
    description: "The labels, in the order of the output's columns. Empty for a number and for plain tensors."
  }),
  tolerance: Type.Optional(Type.Number({
    exclusiveMinimum: 0, maximum: 1, description: 'Largest allowed difference from the probability or the value of a sample; for values over 1, a share of the value. Default: 0.01.'
  })),
  samples: Type.Optional(Type.Array(Type.Union([
    Type.Object({ file: Type.String({ pattern: '^(?!.*/\\.\\.(?:/|$))[^/.][^:\\\\]*$', description: 'Path of a picture, relative to the model folder, and inside it.' }), ...SampleAnswer }, { additionalProperties: false }),
    Type.Object({ text: Type.String({ description: 'A text.' }), pair: Type.Optional(Type.String({ description: 'The second text, for a model that compares two.' })), ...SampleAnswer }, { additionalProperties: false }),
    Type.Object({ row: Type.Array(Type.Union([Type.Number(), Type.String(), Type.Boolean(), Type.Null()]), { description: 'Values in the order of the features.' }), ...SampleAnswer }, { additionalProperties: false })
  ]), { description: 'Golden samples: inputs with the answers of the training environment. The service checks them at start-up.' }))
}

/** The part of the card that the service works with. */
export type Contract = Static<Type.TObject<typeof ContractProperties>>
