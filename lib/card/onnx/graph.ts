import type { DType } from '../../tensor.ts'

/** What an ONNX file says about its model, without the weights. */
export interface Graph {
  /** Name of the exporter: at most 64 printable characters. */
  producer: string
  irVersion: number
  /** Version of each operator set by its domain; `''` is ONNX's own domain. */
  opsets: Readonly<Record<string, number>>
  /** The file's `metadata_props`. */
  metadata: Readonly<Record<string, string>>
  /** Inputs that a caller must give: those without an initializer. */
  inputs: readonly GraphValue[]
  outputs: readonly GraphValue[]
  /** Nodes of the main graph, in the order of the file. */
  nodes: readonly GraphNode[]
  /** The constant of this name, or null. */
  initializer: (name: string) => GraphTensor | null
  /** Number of weights. */
  parameters: number
  /** Size of the file and its external data. */
  bytes: number
  /** Paths of the files with external data, relative to the ONNX file. */
  externalFiles: readonly string[]
  /** The node that makes this value; null for inputs and initializers. */
  producerOf: (value: string) => GraphNode | null
  /** The nodes that take this value. */
  consumersOf: (value: string) => readonly GraphNode[]
}

/** Declaration of an input or output. */
export interface GraphValue {
  name: string
  type: 'tensor' | 'sequence' | 'map' | 'optional' | 'unknown'
  /** Data type of a tensor; null if it is unknown. */
  dtype: DType | null
  /** Length of each axis: a number, a name, or null if the file does not say. The whole shape may be unknown. */
  shape: ReadonlyArray<number | string | null> | null
  /** Type denotation, such as `IMAGE`. */
  denotation: string
}

/** An operation of the graph. */
export interface GraphNode {
  opType: string
  domain: string
  name: string
  inputs: readonly string[]
  outputs: readonly string[]
  attributes: Readonly<Record<string, GraphAttribute>>
}

/** An attribute of a node: one of these fields is set. */
export interface GraphAttribute {
  int?: number
  float?: number
  string?: string
  ints?: readonly number[]
  floats?: readonly number[]
  strings?: readonly string[]
  tensor?: GraphTensor
}

/** A constant of the graph. */
export interface GraphTensor {
  dtype: DType | null
  shape: readonly number[]
  /** Elements of a small tensor in row-major order; null for a large one. */
  values: readonly number[] | readonly string[] | null
}
