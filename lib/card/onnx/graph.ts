import type { DType } from '../../tensor.ts'

/** What an ONNX file says of its model, without the weights. */
export interface Graph {
  /** Name of the tool that wrote the file: at most 64 printable characters of its first line. */
  producer: string
  irVersion: number
  /** Version of each operator set by its domain; '' is ai.onnx. */
  opsets: Readonly<Record<string, number>>
  /** The file's metadata_props. */
  metadata: Readonly<Record<string, string>>
  /** What the caller sends: inputs without initializers. */
  inputs: GraphValue[]
  outputs: GraphValue[]
  /** Nodes of the main graph, in the order of the file. */
  nodes: readonly GraphNode[]
  /** The constant of this name, or null. */
  initializer: (name: string) => GraphTensor | null
  /** Number of weights. */
  parameters: number
  /** Size of the file and its external data. */
  bytes: number
  /** Files of external data, relative to the ONNX file's folder. */
  externalFiles: readonly string[]
  /** The node that makes this value, or null: an input, an initializer or no value has none. */
  producerOf: (value: string) => GraphNode | null
  /** The nodes that take this value. */
  consumersOf: (value: string) => readonly GraphNode[]
}

/** An input or output of a graph. */
export interface GraphValue {
  name: string
  type: 'tensor' | 'sequence' | 'map' | 'optional' | 'unknown'
  /** Type of a tensor's elements; null for other values, and for types that ONNX Runtime's Node.js binding lacks. */
  dtype: DType | null
  /** Axes of a tensor: its length, its name, or null when neither is known. null without a declared shape. */
  shape: Array<number | string | null> | null
  /** What the value means, such as IMAGE. https://github.com/onnx/onnx/blob/main/docs/TypeDenotation.md */
  denotation: string
}

/** One operator with the names of the values that it takes and makes. A left-out optional value is ''. */
export interface GraphNode {
  opType: string
  /** '' is ai.onnx. */
  domain: string
  name: string
  inputs: readonly string[]
  outputs: readonly string[]
  attributes: Readonly<Record<string, GraphAttribute>>
}

/** An attribute's value, in the field of its type. Lists of more than 64 Ki elements and subgraphs are left out. */
export interface GraphAttribute {
  int?: number
  float?: number
  string?: string
  ints?: number[]
  floats?: number[]
  strings?: string[]
  tensor?: GraphTensor
}

/** A constant tensor. */
export interface GraphTensor {
  /** null for types that ONNX Runtime's Node.js binding lacks. */
  dtype: DType | null
  shape: number[]
  /** Elements in row-major order; null when there are more than 64 Ki, or when they lie in an external file. */
  values: number[] | string[] | null
}

/**
 * Reads what an ONNX file says of its model.
 *
 * @throws ModelInvalid with one line that names the file, the cause and the remedy
 * @see https://onnx.ai/onnx/repo-docs/IR.html
 */
export async function readGraph (path: string): Promise<Graph> {
  throw new Error(`not yet: ${path}`)
}
