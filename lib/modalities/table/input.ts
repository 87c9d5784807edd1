import { Type, type Static } from '../../typebox.ts'

/** The data types of a column. */
export const COLUMN_TYPES = ['float32', 'float64', 'float16', 'int64', 'int32', 'int16', 'int8', 'uint8', 'uint16', 'uint32', 'uint64', 'bool', 'string'] as const

/** Schema of a feature: a column of the table. */
const FeatureSchema = Type.Object({
  name: Type.String({ minLength: 1 }),
  tensor: Type.Optional(Type.String({ minLength: 1, description: 'Name of the input tensor of this feature, [batch, 1] or [batch]. Features of the same tensor are its columns, in this order.' })),
  type: Type.Optional(Type.Enum(COLUMN_TYPES)),
  unit: Type.Optional(Type.String({ description: 'Unit of the values, such as cm.' })),
  min: Type.Optional(Type.Number({ description: 'Smallest value in the training data.' })),
  max: Type.Optional(Type.Number({ description: 'Largest value in the training data.' })),
  example: Type.Optional(Type.Union([Type.Number(), Type.String(), Type.Boolean()], { description: 'A typical value.' })),
  values: Type.Optional(Type.Array(Type.Union([Type.Number(), Type.String()]), { minItems: 1, description: 'The values that the model knows. Other values are refused.' })),
  others: Type.Optional(Type.Boolean({ description: 'Whether the model also takes values that are not in `values`.' })),
  optional: Type.Optional(Type.Boolean({ description: 'Whether the value may be missing. The model then gets NaN.' }))
}, { additionalProperties: false })

/** The card's `input` for rows of a table: the input tensor, and the features in the order of its columns. */
export const TableInputSchema = Type.Object({
  kind: Type.Literal('table'),
  tensor: Type.Optional(Type.String({ minLength: 1, description: 'Name of the input tensor of all features that name no own tensor, [batch, features].' })),
  type: Type.Optional(Type.Enum(COLUMN_TYPES, { description: 'Data type of the features that have no own type. Default: float32.' })),
  features: Type.Array(FeatureSchema, { minItems: 1 })
}, { additionalProperties: false })

/** The card's `input` for rows of a table. */
export type TableInput = Static<typeof TableInputSchema>

/** A column of the table, as the card describes it. */
export type Feature = Static<typeof FeatureSchema>

/** The data type of a column. */
export type ColumnType = typeof COLUMN_TYPES[number]

/** A value of a row. `null`: the value is missing. */
export type Value = number | string | boolean | null

/** A row to classify: its values in the order of the features. */
export type RowItem = Value[]
