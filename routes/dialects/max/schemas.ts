import type { Card } from '../../../lib/card/card.ts'
import { Type, type TSchema } from '../../../lib/typebox.ts'
import { Probability } from '../../../wire/schemas.ts'
import type { Words } from './words.ts'

/** An error. The errors of MAX have a message, and those of a form also the fields that are wrong. */
export const MaxErrorSchema = Type.Object({
  status: Type.Optional(Type.String({ description: 'Always `error`. An error of a form has none.' })),
  message: Type.String({ description: 'Message for people: what is wrong, and what to do.' }),
  errors: Type.Optional(Type.Object({ file: Type.Optional(Type.String()) }, { description: 'The fields of the form that are wrong, and why.' }))
}, { $id: 'MaxError', description: 'An error.' })

/** Answer of `/model/metadata`, with this model's words as the example. */
export const metadataSchema = (words: Words): TSchema => Type.Object({
  id: Type.String({ description: 'Model identifier.' }),
  name: Type.String({ description: 'Model name.' }),
  description: Type.String({ description: 'Model description.' }),
  type: Type.String({ description: 'Model type.' }),
  source: Type.String({ description: 'Model source.' }),
  license: Type.String({ description: 'Model license.' })
}, { title: 'ModelMetadata', examples: [words] })

/** Answer of `/model/labels`. */
export const labelsSchema = ({ labels }: Card): TSchema => Type.Object({
  count: Type.Integer({ minimum: 0, description: 'Number of labels.' }),
  labels: Type.Array(Type.Object({
    id: Type.String({ description: 'Place of the label in the list of labels, from 0.' }),
    name: Type.String({ description: 'Label.' })
  }))
}, { title: 'LabelsResponse', examples: [{ count: labels.length, labels: labels.slice(0, 2).map((name, id) => ({ id: String(id), name })) }] })

/** Answer of `/model/predict`. */
export function answerSchema (card: Card): TSchema {
  const { properties, example } = predictionOf(card)
  return Type.Object({
    status: Type.String({ description: 'Always `ok`.' }),
    predictions: Type.Array(Type.Object(properties), { description: 'One prediction for each input, in the same order.' })
  }, { title: 'ModelPredictResponse', examples: [{ status: 'ok', predictions: [example] }] })
}

/** The fields of a prediction, and an example of them, for each kind of answer. */
function predictionOf ({ labels, output: { kind } }: Card): { properties: Record<string, TSchema>, example: Record<string, unknown> } {
  const prediction = Type.String({ description: 'The label.' })
  const labelId = Type.String({ description: 'Place of the label in the list of labels, from 0.' })
  const label = Type.String({ description: 'The label.' })
  const [first = 'label'] = labels
  switch (kind) {
    case 'classes':
    case 'binary':
    case 'labels': return {
      properties: { prediction, probability: Probability, label_id: labelId, label },
      example: { prediction: first, probability: 0.97, label_id: '0', label: first }
    }
    case 'label': return { properties: { prediction, label_id: Type.Optional(labelId), label }, example: { prediction: first, ...labels.length > 0 && { label_id: '0' }, label: first } }
    case 'value': return { properties: { prediction: Type.Number({ description: 'The number that the model computes.' }) }, example: { prediction: 3.2 } }
    case 'tensors': return {
      properties: { prediction: Type.Unsafe<unknown>({ type: 'object', description: 'The output tensors of the model, by name, as nested lists.' }) },
      example: { prediction: { output: [[0.25, 0.75]] } }
    }
  }
}
