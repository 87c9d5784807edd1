import { Type, type Static } from '../../typebox.ts'

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

export type TableInput = Static<typeof TableInputSchema>

/** A row to classify: its values in the order of the features. */
export type RowItem = number[]
