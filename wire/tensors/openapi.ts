import { FAMILIES, rangeOf } from '../../lib/modalities/numbers.ts'
import { shapeText } from '../../lib/modalities/tensors/values.ts'
import { lengthOf, type Signature, type TensorSpec } from '../../lib/tensor.ts'
import { Type, type TSchema } from '../../lib/typebox.ts'
import { BINARY, type Content, type Described } from '../schemas.ts'
import { exampleBodyOf } from './example.ts'

/** Up to how many values the schema says the length of each axis: viewers of documents make an example of that size. */
const LENGTHS_LIMIT = 512

/**
 * The request body for each content type, with a valid example if the tensors are small.
 *
 * @param limit largest number of inputs
 */
export function tensorsBody (signature: Signature, limit: number): { content: Content } {
  const example = exampleBodyOf(signature)
  const examples = example ? { examples: [example] } : {}
  const input = Type.Object({
    inputs: Type.Object(Object.fromEntries(signature.inputs.map(spec => [spec.name, tensorSchemaOf(spec)])), {
      additionalProperties: false, description: 'Each input tensor of the model, as nested lists: as deep as the tensor has axes, the batch axis included.'
    })
  }, { additionalProperties: false, title: 'Input', ...examples })
  const inputs = Type.Array(input, { minItems: 1, maxItems: limit, title: 'Inputs' })
  return {
    content: {
      'application/json': {
        schema: Type.Union([input, inputs, Type.Object({ instances: inputs }, { additionalProperties: false, title: 'Instances' })], { 'x-read-by-hand': true, ...examples })
      },
      'multipart/form-data': {
        schema: Type.Object({
          file: Type.Optional(Type.Unsafe<unknown>({ ...BINARY, description: 'A file of JSON.' })),
          json: Type.Optional(Type.String({ description: 'The JSON itself, instead of a file.', ...example && { examples: [JSON.stringify(example)] } }))
        }, { additionalProperties: false, minProperties: 1, maxProperties: 1, description: 'The same JSON, as a file or as a field.' })
      }
    }
  }
}

/** A tensor as nested lists. */
export function tensorSchemaOf ({ dtype, shape }: TensorSpec): TSchema {
  const description = `${dtype} ${shapeText(shape)}${dtype.endsWith('int64') ? '. Beyond 9007199254740991, send a text of digits' : ''}.`
  const isSmall = lengthOf(shape.map(length => length ?? 1)) <= LENGTHS_LIMIT
  const lists = shape.toReversed().reduce((items: TSchema, length) => {
    return Type.Array(items, length === null || !isSmall ? {} : { minItems: length, maxItems: length })
  }, elementSchemaOf(dtype))
  return Type.Unsafe<unknown>({ ...lists, description })
}

function elementSchemaOf (dtype: TensorSpec['dtype']): TSchema {
  const range = rangeOf(dtype)
  const bounds = range && dtype !== 'float64' ? { minimum: range.min, maximum: range.max } : {}
  switch (FAMILIES[dtype]) {
    case 'float': return Type.Number(bounds)
    case 'integer': return dtype.endsWith('int64') ? Type.Union([Type.Integer(bounds), Type.String({ pattern: '^-?[0-9]{1,20}$' })]) : Type.Integer(bounds)
    case 'bool': return Type.Boolean()
    case 'string': return Type.String()
  }
}

/** The answer of `/explain`, which plain tensors never get: they are refused. */
export const EXPLANATION: Described = {
  description: 'Plain tensors are not explained.',
  content: { 'application/json': { schema: Type.Object({}, { title: 'Explanation' }) } }
}
