import { TensorUnusable } from '../errors.ts'
import { lengthOf, type Signature, type Tensors } from '../tensor.ts'

/** How many characters of a name that a client sent a message quotes. */
const QUOTE_LIMIT = 40

/**
 * Checks the input tensors of a request against the signature of the model, before they are queued.
 *
 * @param wanted names of the requested outputs
 * @throws TensorUnusable that names the wrong tensor and says what the model takes
 */
export function checkFeeds ({ inputs, outputs }: Signature, feeds: Tensors, wanted: readonly string[] = []): void {
  const unknown = Object.keys(feeds).find(name => !inputs.some(input => input.name === name))
  if (unknown !== undefined) throw new TensorUnusable(`the model has no input '${unknown.slice(0, QUOTE_LIMIT)}'; it has ${namesOf(inputs)}.`)
  checkOutputs({ outputs }, wanted)
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

/**
 * Checks the names of requested outputs.
 *
 * @throws TensorUnusable that names the output that the model does not have
 */
export function checkOutputs ({ outputs }: Pick<Signature, 'outputs'>, wanted: readonly string[]): void {
  const output = wanted.find(name => !outputs.some(output => output.name === name))
  if (output !== undefined) throw new TensorUnusable(`the model has no output '${output.slice(0, QUOTE_LIMIT)}'; it has ${namesOf(outputs)}.`)
}

function namesOf (specs: Array<{ name: string }>): string {
  return specs.map(({ name }) => `'${name}'`).join(', ')
}
