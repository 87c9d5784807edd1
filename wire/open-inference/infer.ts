import type { Ask, Classifier } from '../../lib/classifier.ts'
import { checkOutputs } from '../../lib/engine/feeds.ts'
import type { Timing } from '../../lib/engine/scheduler.ts'
import { RequestInvalid, TensorUnusable } from '../../lib/errors.ts'
import type { Predictions } from '../../lib/output/prediction.ts'
import type { Signature, Tensor, Tensors } from '../../lib/tensor.ts'
import { wireOf } from '../index.ts'
import type { WireModality } from '../modality.ts'
import { classified } from './classification.ts'
import { datatypeOf, type Datatype } from './datatypes.ts'
import { placeOf, tensorOfGiven } from './given.ts'
import type { GivenTensor, InferQuestion } from './question.ts'
import { shapeOf } from './values.ts'

/** How many inputs and how many outputs a request may name. */
const TENSORS_LIMIT = 256

/** How many characters of a name that a client sent a message quotes. */
const QUOTE_LIMIT = 60

/** An output of the model, for the answer. */
export interface OutputTensor {
  name: string
  datatype: Datatype
  shape: number[]
  tensor: Tensor
}

/** The answer to a request for an inference. */
export interface InferAnswer {
  /** In the order in which they were asked for; by default, in the order of the model. */
  outputs: OutputTensor[]
  timing: Timing
  /** What the outputs mean, for the logs and metrics. */
  predictions: Predictions
}

/**
 * Runs the model on a request of the Open Inference Protocol: on the model's own tensors, or on what its modality finds in
 * other ones, such as encoded pictures or columns of a table.
 *
 * @param isMovable whether the memory of the tensors may move to a worker, so that it need not be copied
 * @throws RequestInvalid, TensorUnusable and the errors of the model, which name the tensor at fault
 */
export async function inferOn (model: Classifier, { inputs, outputs: wanted = [] }: InferQuestion, { isMovable = false, ...ask }: Ask & { isMovable?: boolean }): Promise<InferAnswer> {
  const { signature, card } = model
  checkNames('input', inputs)
  checkNames('output', wanted)
  for (const { name, shape } of inputs) shapeOf(shape, placeOf(name))
  // Before the tensors are read, and for classified outputs, too.
  const names = (wanted.length > 0 ? wanted : signature.outputs).map(({ name }) => name)
  checkOutputs(signature, names)
  const modality = modalityOf(model)
  const items = isOwn(inputs, signature) && !modality.readsOwnTensors ? null : await modality.itemsOfTensors(inputs, { limit: model.status().queueLimit, isMovable })
  const { outputs: tensors, timing } = items
    ? await model.inferItems(items, { ...ask, outputs: names })
    : await model.infer(await feedsOf(inputs, signature), { ...ask, outputs: names, isMovable })
  const predictions = await model.predictionsOf(tensors)
  const outputs: OutputTensor[] = []
  for (const name of names) {
    const tensor = tensors[name]
    if (!tensor) throw new Error(`the model gave no output '${name}'`)
    const classes = wanted.find(output => output.name === name)?.classes
    outputs.push(described(name, classes === undefined ? tensor : await classified(name, tensor, classes, card)))
  }
  return { outputs, timing, predictions }
}

function described (name: string, tensor: Tensor): OutputTensor {
  return { name, datatype: datatypeOf(tensor.dtype), shape: tensor.shape, tensor }
}

/** Whether the tensors are those of the model, by their names, types and number of axes. */
function isOwn (inputs: readonly GivenTensor[], signature: Signature): boolean {
  return inputs.length === signature.inputs.length && inputs.every(({ name, datatype, shape }) => signature.inputs.some(spec => {
    return spec.name === name && datatypeOf(spec.dtype) === datatype && spec.shape.length === shape.length
  }))
}

/** Makes the model's own tensors. @throws TensorUnusable that names the tensor that the model does not take */
async function feedsOf (inputs: readonly GivenTensor[], signature: Signature): Promise<Tensors> {
  const takes = signature.inputs.map(({ name, dtype, shape }) => `'${name}' of ${datatypeOf(dtype)} [${shape.map(length => length ?? -1)}]`).join(', ')
  const feeds: Array<[string, Tensor]> = []
  const missing = signature.inputs.filter(spec => !inputs.some(({ name }) => name === spec.name)).map(({ name }) => `'${name}'`)
  for (const { name, datatype, shape } of inputs) {
    const place = placeOf(name)
    const spec = signature.inputs.find(spec => spec.name === name)
    if (!spec) throw new TensorUnusable(`the model has no ${place}; it takes ${takes}.`)
    if (datatypeOf(spec.dtype) !== datatype) throw new TensorUnusable(`${place} is ${datatype}; the model takes ${takes}.`)
    if (shape.length !== spec.shape.length || spec.shape.some((length, axis) => length !== null && length !== shape[axis])) {
      throw new TensorUnusable(`${place} is [${shape}]; the model takes ${takes}.`)
    }
  }
  if (missing.length > 0) throw new TensorUnusable(`the model takes ${takes}; the request lacks ${missing.join(', ')}.`)
  for (const input of inputs) feeds.push([input.name, await tensorOfGiven(input)])
  return Object.fromEntries(feeds)
}

/** @throws RequestInvalid when there are too many tensors, or two of the same name */
function checkNames (kind: 'input' | 'output', tensors: ReadonlyArray<{ name: string }>): void {
  if (tensors.length > TENSORS_LIMIT) throw new RequestInvalid(`the request has ${tensors.length} ${kind}s, over the limit of ${TENSORS_LIMIT}.`)
  const names = new Set<string>()
  for (const { name } of tensors) {
    if (names.has(name)) throw new RequestInvalid(`the request has two ${kind}s '${name.slice(0, QUOTE_LIMIT)}'.`)
    names.add(name)
  }
}

const modalities = new WeakMap<Classifier, WireModality>()

/** The modality of a model, made once. */
function modalityOf (model: Classifier): WireModality {
  const known = modalities.get(model) ?? wireOf(model.card, model.signature)
  modalities.set(model, known)
  return known
}
