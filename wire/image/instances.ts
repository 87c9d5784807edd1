import { RequestInvalid, TensorUnusable } from '../../lib/errors.ts'
import { examplePicture } from '../../lib/modalities/image/examples.ts'
import { rowShapeOf, type ImageInput, type PictureItem } from '../../lib/modalities/image/input.ts'
import type { TensorsItem } from '../../lib/modalities/tensors/input.ts'
import { itemFromJson } from '../../lib/modalities/tensors/values.ts'
import { lengthOf, type Signature } from '../../lib/tensor.ts'
import { Type } from '../../lib/typebox.ts'
import type { Instances } from '../modality.ts'
import { fromBase64 } from './base64.ts'

/** How many JSON values an instance may have on average. A picture in base64 has five, and a tensor one for each number. */
const VALUES_PER_INSTANCE = 8192

/**
 * Pictures as instances. An instance is the base64 of a file, `{"b64": …}`, an object with one key around either of them,
 * or the row of the model's tensor that a client has made of its picture.
 *
 * @see https://www.tensorflow.org/tfx/serving/api_rest#encoding_binary_values
 */
export function pictureInstances (input: ImageInput): Instances {
  const rowShape = rowShapeOf(input)
  const signature: Signature = { inputs: [{ name: input.tensor, dtype: input.type, shape: [null, ...rowShape] }], outputs: [] }

  async function itemFrom (value: unknown, name: string): Promise<PictureItem | TensorsItem> {
    const text = base64In(value)
    // No other code needs the bytes, so they may move to a worker.
    if (text !== null) return { name, bytes: await fromBase64(text, name), isMovable: true }
    if (Array.isArray(value)) return await tensorFrom(value, name)
    throw new RequestInvalid(`${name} is no picture; send {"b64": "…"} with the base64 of a file, or a list of [${rowShape.join()}] numbers.`)
  }

  async function tensorFrom (row: unknown[], name: string): Promise<TensorsItem> {
    try {
      return await itemFromJson({ inputs: { [input.tensor]: [row] } }, name, signature)
    } catch (error) {
      throw error instanceof TensorUnusable ? new TensorUnusable(`${name}: ${error.message}`) : error
    }
  }

  return {
    read: async list => {
      const items: Array<PictureItem | TensorsItem> = []
      for (const [at, value] of list.entries()) items.push(await itemFrom(value, `instance ${at + 1}`))
      return items
    },
    // Each number of a tensor may be in a list of its own.
    valuesOf: count => Math.max(count * VALUES_PER_INSTANCE, 2 * lengthOf(rowShape)),
    schema: async () => Type.Object({ b64: Type.String({ minLength: 1, contentEncoding: 'base64', description: 'A picture as base64 or as a data: URL.' }) }, {
      additionalProperties: false,
      description: `A picture. Any other key will do, as will {"image_bytes": {"b64": …}}, the base64 alone, or the row of the model's own tensor: lists of [${rowShape.join()}] numbers.`,
      examples: [{ b64: (await examplePicture(input)).toString('base64') }]
    })
  }
}

/** The text of `"…"`, `{"b64": "…"}`, `{"KEY": "…"}` or `{"KEY": {"b64": "…"}}`, or `null`. */
function base64In (value: unknown): string | null {
  const inner = wrapped(value)
  const text = inner instanceof Object && 'b64' in inner ? wrapped(inner) : inner
  return typeof text === 'string' ? text : null
}

/** The value of an object that has one key. Anything else is not wrapped. */
function wrapped (value: unknown): unknown {
  if (!(value instanceof Object) || Array.isArray(value)) return value
  const [only, ...others] = Object.values(value)
  return others.length === 0 ? only : value
}
