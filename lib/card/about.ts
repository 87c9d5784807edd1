import { Type, type Static } from '../typebox.ts'

/** Description of a model for people. All fields are optional; pages and documents leave out missing ones. */
export const AboutSchema = Type.Object({
  title: Type.Optional(Type.String({ minLength: 1 })),
  description: Type.Optional(Type.String()),
  architecture: Type.Optional(Type.String()),
  pretrainedOn: Type.Optional(Type.String()),
  licence: Type.Optional(Type.String()),
  training: Type.Optional(Type.String()),
  dataset: Type.Optional(Type.Object({
    name: Type.String(),
    url: Type.Optional(Type.String()),
    licence: Type.Optional(Type.String()),
    train: Type.Optional(Type.Integer({ minimum: 0, description: 'Number of training examples.' })),
    test: Type.Optional(Type.Integer({ minimum: 0, description: 'Number of held-out examples for `performance`.' }))
  }, { additionalProperties: false })),
  performance: Type.Optional(Type.Object({
    split: Type.Optional(Type.String()),
    top1: Type.Number({ minimum: 0, maximum: 1, description: 'Top-1 accuracy, 0 to 1.' }),
    top5: Type.Optional(Type.Number({ minimum: 0, maximum: 1, description: 'Top-5 accuracy, 0 to 1.' }))
  }, { additionalProperties: false })),
  limits: Type.Optional(Type.Array(Type.String(), { description: 'Known limitations of the model.' }))
}, { additionalProperties: false })

/** Description of a model for people. */
export type About = Static<typeof AboutSchema>
