import { Type, type Static } from '../../typebox.ts'

/** The card's `input` for rows of a table: the input tensor, and the features in the order of its columns. */
export const TableInputSchema = Type.Object({
  kind: Type.Literal('table'),
  tensor: Type.String({ minLength: 1, description: "Name of the model's input tensor, [batch, features]." }),
  type: Type.Enum(['float32']),
  features: Type.Array(Type.Object({
    name: Type.String({ minLength: 1 }),
    unit: Type.Optional(Type.String({ description: 'Unit of the values, such as cm.' })),
    min: Type.Number({ description: 'Smallest value in the training data.' }),
    max: Type.Number({ description: 'Largest value in the training data.' }),
    example: Type.Number({ description: 'A typical value.' })
  }, { additionalProperties: false }), { minItems: 1 })
}, { additionalProperties: false })

/** The card's `input` for rows of a table. */
export type TableInput = Static<typeof TableInputSchema>

/** A row to classify: its values in the order of the features. */
export type RowItem = number[]
