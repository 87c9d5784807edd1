import type { Output } from '../card/output.ts'
import { TensorUnusable } from '../errors.ts'
import type { Contract } from '../card/contract.ts'
import { toFloat32 } from '../float16.ts'
import type { Tensor, Tensors } from '../tensor.ts'
import { elementOf } from './numbers.ts'

/** The outputs for one input: one row of the outputs of its batch. */
export interface Scored {
  /** Outputs of the whole batch. */
  outputs: Tensors
  /** Row of the input along the first axis. */
  at: number
}

/** Numbers of one input, in the precision of the model. */
export type Scores = Float32Array | Float64Array

/** For each output tensor that an answer is made of, how many elements an input has in it. Plain tensors have any number. */
export function lengthsOf ({ output, labels }: Pick<Contract, 'output' | 'labels'>): Array<[name: string, length: number]> {
  switch (output.kind) {
    case 'classes': return output.label === undefined ? [[output.tensor, labels.length]] : [[output.tensor, labels.length], [output.label, 1]]
    case 'labels': return [[output.tensor, labels.length]]
    case 'label': return [[output.label, 1]]
    case 'tensors': return []
    default: return [[output.tensor, 1]]
  }
}

/**
 * The floating-point numbers of an input in an output tensor.
 *
 * @param name name of the tensor
 * @param length how many numbers the input has in it
 * @throws Error when the tensor has another type or shape
 */
export function scoresOf (scored: Scored, name: string, length: number): Scores {
  const { outputs: { [name]: tensor }, at } = scored
  const from = at * length
  if (tensor?.dtype === 'float16' && hasRow(tensor, at, length)) return toFloat32(tensor.data.subarray(from, from + length))
  return matrixOf(scored, name, length).subarray(from, from + length)
}

/**
 * The floating-point numbers of all inputs in an output tensor: those of this input begin at `at * length`.
 *
 * @param name name of the tensor
 * @param length how many numbers an input has in it
 * @throws Error when the tensor has another type or shape
 */
export function matrixOf ({ outputs, at }: Scored, name: string, length: number): Scores {
  const tensor = outputs[name]
  if ((tensor?.dtype === 'float32' || tensor?.dtype === 'float64') && hasRow(tensor, at, length)) return tensor.data
  throw mismatch(name, tensor, `floats of [batch,${length}]`)
}

/**
 * The one number of an input in an output tensor of any numeric type. A float32 has the digits of a float32. An integer of
 * 64 bits beyond 2^53 is rounded.
 *
 * @throws Error when the tensor has another type or shape
 */
export function numberOf ({ outputs, at }: Scored, name: string): number {
  const tensor = outputs[name]
  if (tensor && tensor.dtype !== 'string' && tensor.dtype !== 'bool' && hasRow(tensor, at, 1)) return Number(elementOf(tensor, at))
  throw mismatch(name, tensor, 'numbers of [batch,1] or [batch]')
}

/** A label of the model itself. */
export interface OwnLabel {
  label: string
  /** Place in the card's list of labels; `null` if the card has no labels. */
  index: number | null
}

/**
 * The label that the model itself gives to an input, in its label tensor.
 *
 * @param name name of the tensor
 * @param classes values of the tensor in the order of the labels. Default: the labels
 * @throws Error when the tensor has more than one value for each input
 * @throws TensorUnusable when it has a value that is no label of the card
 */
export function ownLabelOf ({ outputs, at }: Scored, name: string, classes: Classes | undefined, { labels }: Contract): OwnLabel {
  const tensor = outputs[name]
  if (!tensor || !hasRow(tensor, at, 1)) throw mismatch(name, tensor, 'labels of [batch] or [batch,1]')
  const element = elementOf(tensor, at)
  const value = typeof element === 'bigint' ? Number(element) : element
  if (labels.length === 0) return { label: String(element), index: null }
  const index = placeOf(value, classes ?? labels)
  const label = labels[index]
  if (label === undefined) {
    throw new TensorUnusable(`output '${name}' has the label ${JSON.stringify(value)}, which is not in the card; list the values of this output in the order of the labels: {"output": {"classes": […]}}`)
  }
  return { label, index }
}

type Classes = NonNullable<Extract<Output, { kind: 'label' }>['classes']>

/** The place of a value among the classes, or -1. The classes may be texts of the values, such as '3', 'True' or 'true'. */
function placeOf (value: number | boolean | string, classes: Classes): number {
  const place = classes.indexOf(value)
  if (place >= 0 || typeof value === 'string') return place
  const text = String(value)
  return classes.findIndex(each => (typeof value === 'boolean' ? String(each).toLowerCase() : String(each)) === text)
}

/** Whether the tensor has a row of this length at this place. The output of a single input may lack the batch axis. */
function hasRow ({ shape, data }: Tensor, at: number, length: number): boolean {
  const rows = shape[0] ?? 0
  if (at < rows && data.length === rows * length) return true
  return at === 0 && shape.length < 2 && data.length === length
}

function mismatch (name: string, tensor: Tensor | undefined, wanted: string): Error {
  return new Error(tensor ? `output '${name}' is ${tensor.dtype} [${tensor.shape}], not ${wanted}` : `there is no output '${name}'`)
}
