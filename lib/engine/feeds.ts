import { TensorUnusable } from '../errors.ts'
import { lengthOf, type Signature, type Tensors } from '../tensor.ts'

/**
 * Checks the input tensors of a request against the signature of the model, before they are queued.
 *
 * @param wanted names of the requested outputs
 * @throws TensorUnusable that names the wrong tensor and says what the model takes
 */
export function checkFeeds ({ inputs, outputs }: Signature, feeds: Tensors, wanted: readonly string[] = []): void {
  const unknown = Object.keys(feeds).find(name => !inputs.some(input => input.name === name))
  if (unknown !== undefined) throw new TensorUnusable(`the model has no input '${unknown}'; it has ${namesOf(inputs)}.`)
  const output = wanted.find(name => !outputs.some(output => output.name === name))
  if (output !== undefined) throw new TensorUnusable(`the model has no output '${output}'; it has ${namesOf(outputs)}.`)
  for (const { name, dtype, shape } of inputs) {
    const tensor = Object.hasOwn(feeds, name) ? feeds[name] : undefined
    if (!tensor) throw new TensorUnusable(`input '${name}' is missing; the model takes ${namesOf(inputs)}.`)
    if (tensor.dtype !== dtype) throw new TensorUnusable(`input '${name}' is ${tensor.dtype}; the model takes ${dtype}.`)
    if (tensor.shape.length !== shape.length || shape.some((length, at) => length !== null && length !== tensor.shape[at])) {
      throw new TensorUnusable(`input '${name}' is [${tensor.shape}]; the model takes [${shape.map(length => length ?? 'any')}].`)
    }
    const length = lengthOf(tensor.shape)
    if (tensor.data.length !== length) throw new TensorUnusable(`input '${name}' has ${tensor.data.length} values; its shape [${tensor.shape}] holds ${length}.`)
  }
}

function namesOf (specs: Array<{ name: string }>): string {
  return specs.map(({ name }) => `'${name}'`).join(', ')
}
