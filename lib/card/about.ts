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
  limits: Type.Optional(Type.Array(Type.String(), { description: 'Known limitations of the model.' })),
  max: Type.Optional(Type.Object({
    id: Type.Optional(Type.String({ description: 'Default: the name of the model.' })),
    name: Type.Optional(Type.String({ description: 'Default: the title, or the name of the model.' })),
    title: Type.Optional(Type.String({ minLength: 1, description: 'Title of /swagger.json. Default: the title, or the name of the model.' })),
    description: Type.Optional(Type.String({ description: 'Default: the description.' })),
    type: Type.Optional(Type.String({ description: 'What the model does, such as `Image Classification`. Default: what its input and its output say.' })),
    source: Type.Optional(Type.String({ description: 'Where the model comes from. Default: empty.' })),
    license: Type.Optional(Type.String({ description: 'Default: the licence.' }))
  }, { additionalProperties: false, description: 'What GET /model/metadata and /swagger.json say to clients of the IBM Model Asset eXchange, where it differs.' }))
}, { additionalProperties: false })

/** Description of a model for people. */
export type About = Static<typeof AboutSchema>
