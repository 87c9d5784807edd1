import { Type, type Static } from '../typebox.ts'

/** What people want to know of a model. Everything may be missing; pages and documents leave out what is unknown. */
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
    train: Type.Optional(Type.Integer({ minimum: 0, description: 'Training examples.' })),
    test: Type.Optional(Type.Integer({ minimum: 0, description: 'Held-out examples that `performance` was measured on.' }))
  }, { additionalProperties: false })),
  performance: Type.Optional(Type.Object({
    split: Type.Optional(Type.String()),
    top1: Type.Number({ minimum: 0, maximum: 1 }),
    top5: Type.Optional(Type.Number({ minimum: 0, maximum: 1 }))
  }, { additionalProperties: false })),
  limits: Type.Optional(Type.Array(Type.String(), { description: 'What the model cannot do.' }))
}, { additionalProperties: false })

export type About = Static<typeof AboutSchema>
