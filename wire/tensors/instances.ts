import { TensorUnusable } from '../../lib/errors.ts'
import type { TensorsItem } from '../../lib/modalities/tensors/input.ts'
import { itemFromJson } from '../../lib/modalities/tensors/values.ts'
import type { Signature, TensorSpec } from '../../lib/tensor.ts'
import { Type } from '../../lib/typebox.ts'
import type { Instances } from '../modality.ts'
import { exampleBodyOf, type Nested } from './example.ts'
import { tensorSchemaOf } from './openapi.ts'

/**
 * Tensors as instances: each is one row, without the batch axis. It is the nested lists of the model's input, or an object
 * of them by input name.
 *
 * @param valuesPerInput largest number of JSON values of an input, on average
 */
export function tensorsInstances (signature: Signature, valuesPerInput: number): Instances {
  const [only, ...others] = signature.inputs

  async function itemFrom (value: unknown, name: string): Promise<TensorsItem> {
    const given = value instanceof Object && !Array.isArray(value) ? Object.entries(value) : only && others.length === 0 ? [[only.name, value] as const] : null
    if (!given) throw new TensorUnusable(`${name} is no object; send {${signature.inputs.map(({ name }) => `${JSON.stringify(name)}: …`).join(', ')}}.`)
    const inputs = Object.fromEntries(given.map(([key, row]) => {
      const spec = signature.inputs.find(({ name }) => name === key)
      return [key, spec && hasBatch(spec) ? [row] : row]
    }))
    try {
      return await itemFromJson({ inputs }, name, signature)
    } catch (error) {
      throw error instanceof TensorUnusable ? new TensorUnusable(`${name}: ${error.message}`) : error
    }
  }

  return {
    read: async list => {
      const items: TensorsItem[] = []
      for (const [at, value] of list.entries()) items.push(await itemFrom(value, `instance ${at + 1}`))
      return items
    },
    valuesOf: count => count * valuesPerInput,
    schema: async () => {
      const schemas = signature.inputs.map(spec => [spec.name, tensorSchemaOf(hasBatch(spec) ? { ...spec, shape: spec.shape.slice(1) } : spec)] as const)
      const [first] = schemas
      const example = exampleOf(signature)
      const examples = example === null ? {} : { examples: [first && others.length === 0 ? example[first[0]] : example] }
      const schema = first && others.length === 0 ? first[1] : Type.Object(Object.fromEntries(schemas), { additionalProperties: false })
      return { ...schema, ...examples }
    }
  }
}

/** Whether the first axis of an input is that of the batch, which an instance lacks. */
function hasBatch ({ shape: [first] }: TensorSpec): boolean {
  return first === null || first === 1
}

/** An example of each input of an instance, or `null` if the model's tensors are too large for one. */
function exampleOf (signature: Signature): Record<string, Nested | undefined> | null {
  const body = exampleBodyOf(signature)
  return body && Object.fromEntries(signature.inputs.map(spec => {
    const tensor = body.inputs[spec.name]
    return [spec.name, hasBatch(spec) && Array.isArray(tensor) ? tensor[0] : tensor]
  }))
}
