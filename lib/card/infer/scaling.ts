import type { Graph, GraphNode } from '../onnx/graph.ts'

/** What the first operations of a model do with the values of each channel: value × factor + offset. */
export interface Scaling {
  factor: number[]
  offset: number[]
}

/** Which values a model takes, so far as its first operations show it. */
export type Range = 'levels' | 'zero to one' | 'minus one to one'

/** Largest number of operations to follow from the input. */
const STEP_LIMIT = 16

/** Operations that leave the values as they are, or only their order. */
const KEEPING = ['Identity', 'Cast', 'Transpose', 'Slice']

/** Largest factor for levels of 0 to 255: they become at most 16. 1 / 255, 1 / 127.5 and 1 / 58 are far below. */
const LEVELS_FACTOR = 1 / 16

/** Least subtracted mean of levels of 0 to 255. Those of values of 0 to 1 are below 1. */
const LEVELS_OFFSET = 16

/**
 * Follows the input of a picture through the operations with constants that come first.
 *
 * @param channels number of channels of the input
 * @returns null if there are none
 */
export function scalingOf (graph: Graph, input: string, channels: number): Scaling | null {
  const scaling = { factor: Array.from({ length: channels }, () => 1), offset: Array.from({ length: channels }, () => 0) }
  let value = input
  let isScaled = false
  for (let step = 0; step < STEP_LIMIT; step++) {
    // Exporters of models of any size read the shape of the input beside its values.
    const [node, second] = graph.consumersOf(value).filter(({ opType }) => opType !== 'Shape')
    const [output] = node?.outputs ?? []
    if (!node || second || output === undefined || node.domain !== '') break
    if (!KEEPING.includes(node.opType)) {
      if (!apply(graph, node, value, scaling)) break
      isScaled = true
    }
    value = output
  }
  return isScaled ? scaling : null
}

/** Applies an operation with a constant. Returns false if it is another operation. */
function apply (graph: Graph, { opType, inputs }: GraphNode, value: string, { factor, offset }: Scaling): boolean {
  const [left, right] = inputs
  if (left === undefined || right === undefined || inputs.length !== 2 || !['Add', 'Sub', 'Mul', 'Div'].includes(opType)) return false
  const constants = constantsOf(graph, left === value ? right : left, factor.length)
  const isConstantLeft = right === value
  if (constants === null || !constants.every(Number.isFinite)) return false
  if (opType === 'Div' && (isConstantLeft || constants.includes(0))) return false
  for (const [channel, constant] of constants.entries()) {
    const scale = opType === 'Mul' ? constant : opType === 'Div' ? 1 / constant : opType === 'Sub' && isConstantLeft ? -1 : 1
    const shift = opType === 'Add' ? constant : opType === 'Sub' ? (isConstantLeft ? constant : -constant) : 0
    factor[channel] = (factor[channel] ?? 1) * scale
    offset[channel] = (offset[channel] ?? 0) * scale + shift
  }
  return true
}

/** A constant for each channel; null if the value is no constant, or has another number of elements. */
function constantsOf (graph: Graph, name: string, channels: number): number[] | null {
  const producer = graph.producerOf(name)
  const { value, value_float: scalar } = producer?.opType === 'Constant' ? producer.attributes : {}
  const values = scalar?.float === undefined ? (graph.initializer(name) ?? value?.tensor)?.values : [scalar.float]
  const numbers = (values ?? []).flatMap(value => typeof value === 'number' ? [value] : [])
  if (numbers.length === channels) return numbers
  return numbers.length === 1 ? Array.from({ length: channels }, () => numbers[0] ?? 0) : null
}

/**
 * Tells from the first operations which values a model takes.
 *
 * @returns null if they do not show it
 */
export function rangeOf ({ factor, offset }: Scaling): Range | null {
  const factors = factor.map(Math.abs)
  const isAll = (test: (value: number, channel: number) => boolean) => factors.every(test)
  if (isAll(value => value > 0 && value <= LEVELS_FACTOR)) return 'levels'
  if (isAll((value, channel) => value === 1 && Math.abs(offset[channel] ?? 0) >= LEVELS_OFFSET)) return 'levels'
  // (value − mean) / std with a mean within 0 … 1, such as ImageNet's, or value × 2 − 1.
  if (isAll((value, channel) => value >= 1.5 && value <= 10 && isWithin(-(offset[channel] ?? 0) / value, 0.05, 0.95))) return 'zero to one'
  if (isAll((value, channel) => value === 255 && (offset[channel] ?? 0) === 0)) return 'zero to one'
  if (isAll((value, channel) => value === 127.5 && (offset[channel] ?? 0) === 127.5)) return 'minus one to one'
  return null
}

function isWithin (value: number, low: number, high: number): boolean {
  return value >= low && value <= high
}
