import type { Card } from '../../lib/card/card.ts'
import { lengthOf, type Signature } from '../../lib/tensor.ts'
import { SMALL_FIELD_BYTES } from '../form.ts'
import type { WireModality } from '../modality.ts'
import { inputsOf } from './body.ts'
import { exampleTensorsOf } from './example.ts'
import { tensorsInstances } from './instances.ts'
import { EXPLANATION, tensorsBody } from './openapi.ts'
import { tryTensors } from './page.ts'

/** How many JSON values an input may have on average, if its axes are not fixed. */
const VALUES_PER_INPUT = 8192

/** The HTTP side of plain tensors. They come as nested lists in JSON. */
export function tensorsWire (card: Card, signature: Signature): WireModality {
  // Each number may be in a list of its own.
  const fixed = signature.inputs.reduce((sum, { shape }) => sum + 2 + 2 * lengthOf(shape.map(length => length ?? 1)), 2)
  const jsonValuesPerInput = Math.max(VALUES_PER_INPUT, fixed)
  return {
    parsers: [],
    accepted: 'application/json or multipart/form-data',
    file: 'A file of JSON.',
    fileKind: null,
    subject: '',
    question: async (body, limit) => await inputsOf(body, signature, limit),
    instances: tensorsInstances(signature, jsonValuesPerInput),
    // The model's own tensors are all that it takes.
    itemsOfTensors: async () => null,
    exampleTensors: async () => exampleTensorsOf(signature),
    jsonValuesPerInput,
    body: async limit => tensorsBody(signature, limit),
    answers: {},
    explanation: EXPLANATION,
    formFieldBytes: SMALL_FIELD_BYTES,
    page: () => tryTensors(card, signature)
  }
}
