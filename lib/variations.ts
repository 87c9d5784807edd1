import { toFloat16, toFloat32 } from './float16.ts'
import type { Tensor, Tensors } from './tensor.ts'

/** How many variations are made. By chance, one answer may look like probabilities. */
const COUNT = 7

/** Pictures and other tensors of more elements are filled with noise between their least and greatest value. */
const JITTERED_ELEMENTS = 256

/**
 * Makes different inputs of one, to see how a model answers: the same every time. Only floats vary; words and integers may
 * have few valid values.
 *
 * @param example input tensors of one row
 */
export function variationsOf (example: Tensors): Tensors[] {
  const next = randomNumbers()
  return Array.from({ length: COUNT }, () => Object.fromEntries(Object.entries(example).map(([name, tensor]) => [name, varied(tensor, next)])))
}

function varied (tensor: Tensor, next: () => number): Tensor {
  switch (tensor.dtype) {
    case 'float32': return { ...tensor, data: tensor.data.map(variation(tensor.data, next)) }
    case 'float64': return { ...tensor, data: tensor.data.map(variation(tensor.data, next)) }
    case 'float16': {
      const numbers = toFloat32(tensor.data)
      return { ...tensor, data: Uint16Array.from(numbers.map(variation(numbers, next)), toFloat16) }
    }
    // Bytes of a picture. Other integers are few.
    case 'uint8': return tensor.data.length > JITTERED_ELEMENTS ? { ...tensor, data: tensor.data.map(variation(tensor.data, next)) } : tensor
    default: return tensor
  }
}

/** How to vary an element: noise for pictures and other large tensors, a number near it in small ones. */
function variation (data: Float32Array | Float64Array | Uint8Array, next: () => number): (value: number) => number {
  if (data.length <= JITTERED_ELEMENTS) return value => value + (next() * 2 - 1) * (Math.abs(value) + 1)
  let [least, most] = [Infinity, -Infinity]
  for (const value of data) {
    least = Math.min(least, value)
    most = Math.max(most, value)
  }
  // An example of one colour says nothing of the range.
  if (least === most) most = least + 1
  return () => least + next() * (most - least)
}

/** Pseudo-random numbers from 0 to 1. @see https://en.wikipedia.org/wiki/Linear_congruential_generator */
function randomNumbers (): () => number {
  let state = 1
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 32
  }
}
