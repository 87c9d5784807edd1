import type { Graph, GraphNode, GraphTensor, GraphValue } from '../onnx/graph.ts'

/** Most nodes on the way from a value to what makes it. */
export const STEPS = 64

/** Operators that give the values that they take, at most in another type or shape. */
const COPIES = new Set(['Identity', 'Cast', 'Reshape', 'Squeeze', 'Unsqueeze', 'Flatten', 'Dropout', 'QuantizeLinear', 'DequantizeLinear'])

/** Whether a node only changes the type or the shape of its first input. */
export function isCopy ({ opType }: GraphNode): boolean {
  return COPIES.has(opType)
}

/** The elements of a constant: an initializer, or what a Constant node makes. Null if the value is none, or is too large. */
export function constantOf (graph: Graph, name: string): GraphTensor | null {
  const initializer = graph.initializer(name)
  if (initializer) return initializer
  const node = graph.producerOf(name)
  if (node?.opType === 'Constant') return node.attributes['value']?.tensor ?? null
  return node?.opType === 'Identity' ? graph.initializer(node.inputs[0] ?? '') : null
}

/** Whether a value is the same for every input. */
export function isConstant (graph: Graph, name: string): boolean {
  return constantOf(graph, name) !== null
}

/** The elements of a constant of numbers; null if it is none. */
export function numbersOf (graph: Graph, name: string): number[] | null {
  const values = constantOf(graph, name)?.values
  return values ? [...values].flatMap(value => typeof value === 'number' ? [value] : []) : null
}

/** The node that computes a value: the way up goes through nodes that only change its type or shape. */
export function makerOf (graph: Graph, name: string): GraphNode | null {
  let value = name
  for (let step = 0; step < STEPS; step++) {
    const node = graph.producerOf(value)
    if (!node || !isCopy(node)) return node
    value = node.inputs[0] ?? ''
  }
  return null
}

/** Number of columns of a value: of [batch, columns], or 1 for [batch]. Null if the file does not say. */
export function columnsOf ({ shape }: GraphValue): number | null {
  if (!shape || shape.length > 2) return null
  const columns = shape.length === 2 ? shape[1] : 1
  return typeof columns === 'number' && columns > 0 ? columns : null
}

/** Whether an exporter for tables has made the file. Its models have a label output if they are classifiers. */
export function isOfTables ({ producer, nodes }: Graph): boolean {
  // Other exporters list the operator set of classical models too, but use none of it.
  return /^(skl2onnx|onnxmltools|catboost)/i.test(producer) || nodes.some(({ domain }) => domain === 'ai.onnx.ml')
}
