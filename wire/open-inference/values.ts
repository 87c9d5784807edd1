import { isUtf8 } from 'node:buffer'
import { RequestInvalid, TensorUnusable } from '../../lib/errors.ts'
import { elementsOf } from '../../lib/modalities/tensors/elements.ts'
import { FAMILIES } from '../../lib/modalities/numbers.ts'
import { lengthOf, tensorOf, type DType, type Tensor } from '../../lib/tensor.ts'
import { nextTurn } from '../../lib/turn.ts'

/** How many values to read in one turn of the event loop. That takes about 2 milliseconds. */
const VALUES_PER_TURN = 16_384

/** How many axes a tensor may have: as many as numpy's. */
const AXES_LIMIT = 32

/** How many characters of what a client sent a message quotes. */
const QUOTE_LIMIT = 40

/**
 * Checks a shape that a client sent.
 *
 * @param place name of the tensor in messages, such as `input 'X'`
 * @throws RequestInvalid when it is no list of lengths
 */
export function shapeOf (shape: readonly unknown[], place: string): number[] {
  if (shape.length > AXES_LIMIT) throw new RequestInvalid(`${place}: 'shape' has ${shape.length} axes, over the limit of ${AXES_LIMIT}.`)
  return shape.map((length, axis) => {
    if (typeof length === 'number' && Number.isSafeInteger(length) && length >= 0) return length
    const given = typeof length === 'object' ? 'a list' : typeof length === 'string' ? `"${length.slice(0, QUOTE_LIMIT)}"` : String(length).slice(0, QUOTE_LIMIT)
    throw new RequestInvalid(`${place}: 'shape' has ${given} as the length of axis ${axis}; send a whole number of 0 or more.`)
  })
}

/**
 * Makes a tensor from values of JSON or protobuf: one list in row-major order, or lists inside one another, whose values
 * then count in order. A large tensor is read in pieces, so that the event loop stays free. It takes no memory before the
 * number of values is known to be that of the shape.
 *
 * @param place name of the tensor in messages, such as `input 'X'`
 * @throws TensorUnusable that names the element at fault
 */
export async function tensorFromValues (dtype: DType, shape: readonly number[], values: readonly unknown[], place: string): Promise<Tensor> {
  const { lists, count } = await flat(values, place)
  const length = lengthOf(shape)
  if (count !== length) throw new TensorUnusable(`${place} has ${count} values; its shape [${shape}] takes ${length}.`)
  const { data, set } = elementsOf(dtype, length)
  const isFloat = FAMILIES[dtype] === 'float'
  let next = 0
  for (const list of lists) {
    for (const value of list) {
      const fault = set(next, isFloat ? floatOf(dtype, value) : dtype === 'bool' ? truthOf(value) : dtype === 'string' ? textIn(value) : value)
      if (fault !== null) throw new TensorUnusable(`${place}: element ${next} ${fault}.`)
      if (++next % VALUES_PER_TURN === 0) await nextTurn()
    }
  }
  return tensorOf(dtype, shape, data)
}

/**
 * The innermost lists, in order and without empty ones, and how many values they have together.
 *
 * @throws TensorUnusable when a list holds both lists and values
 */
export async function flat (values: readonly unknown[], place: string): Promise<{ lists: Array<readonly unknown[]>, count: number }> {
  let lists = [values]
  while (Array.isArray(lists[0]?.[0])) {
    const inner: Array<readonly unknown[]> = []
    let read = 0
    for (const list of lists) {
      for (const value of list) {
        if (!Array.isArray(value)) throw new TensorUnusable(`${place}: 'data' has lists and values side by side; send one list, or lists as deep as the shape.`)
        if (value.length > 0) inner.push(value)
        if (++read % VALUES_PER_TURN === 0) await nextTurn()
      }
    }
    lists = inner
  }
  let count = 0
  for (const { length } of lists) count += length
  return { lists, count }
}

/** JSON has null for NaN, and protobuf has numbers for what is not finite. The nearest float32 counts, not the double. */
function floatOf (dtype: DType, value: unknown): unknown {
  if (value === null) return 'NaN'
  if (typeof value !== 'number') return value
  if (!Number.isFinite(value)) return String(value)
  const rounded = dtype === 'float32' ? Math.fround(value) : value
  return Number.isFinite(rounded) ? rounded : value
}

function truthOf (value: unknown): unknown {
  return value === 1 ? true : value === 0 ? false : value
}

/** The elements of BYTES are bytes in protobuf. What is no text of UTF-8 stays what it is, and is refused. */
function textIn (value: unknown): unknown {
  return value instanceof Uint8Array && isUtf8(value) ? Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString() : value
}
