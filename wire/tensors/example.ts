import { exampleOf } from '../../lib/modalities/tensors/values.ts'
import { elementOf } from '../../lib/output/numbers.ts'
import { lengthOf, type Signature, type Tensor } from '../../lib/tensor.ts'
import { datatypeOf } from '../open-inference/datatypes.ts'
import type { GivenTensor } from '../open-inference/question.ts'

/** How many values an example may have. */
const VALUES_LIMIT = 512

/** Nested lists of a tensor's elements. */
export type Nested = number | string | boolean | Nested[]

/**
 * An example of a body: `{"inputs": {name: nested lists}}`.
 *
 * @returns `null` if the model's tensors are too large for one
 */
export function exampleBodyOf (signature: Signature): { inputs: Record<string, Nested> } | null {
  const { feeds } = exampleOf(signature)
  const values = Object.values(feeds).reduce((sum, { shape }) => sum + lengthOf(shape), 0)
  if (values > VALUES_LIMIT) return null
  return { inputs: Object.fromEntries(Object.entries(feeds).map(([name, tensor]) => [name, nested(tensor)])) }
}

/** The same example as named tensors, each with one list of its elements. */
export function exampleTensorsOf (signature: Signature): GivenTensor[] | null {
  const feeds = Object.entries(exampleOf(signature).feeds)
  if (feeds.reduce((sum, [, { shape }]) => sum + lengthOf(shape), 0) > VALUES_LIMIT) return null
  return feeds.map(([name, tensor]) => {
    const values = Array.from({ length: tensor.data.length }, (_, at) => elementOf(tensor, at))
    return { name, datatype: datatypeOf(tensor.dtype), shape: tensor.shape, values: values.map(value => typeof value === 'bigint' ? Number(value) : value) }
  })
}

function nested ({ dtype, shape, data }: Tensor): Nested {
  let level: Nested[] = Array.from<number | bigint | string, Nested>(data, value => dtype === 'bool' ? value === 1 : typeof value === 'string' ? value : Number(value))
  for (const length of shape.toReversed()) {
    level = Array.from({ length: length === 0 ? 0 : level.length / length }, (_, at) => level.slice(at * length, (at + 1) * length))
  }
  return level[0] ?? []
}
