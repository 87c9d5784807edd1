/** A tensor that a client sent, not checked yet. */
export interface GivenTensor {
  name: string
  /** The protocol's name of the data type, such as FP32. */
  datatype: string
  /** Length of each axis. */
  shape: number[]
  /** Exactly one of `bytes` and `values`: the elements, little-endian and in row-major order; BYTES each after its length, a uint32. */
  bytes?: Uint8Array
  /** The elements as values of JSON or protobuf: one list in row-major order, or lists inside one another. */
  values?: readonly unknown[]
}

/** An output that a client asks for. */
export interface WantedOutput {
  name: string
  /** The classification extension: how many classes to return instead of the tensor. */
  classes?: number
}

/** A request for an inference. */
export interface InferQuestion {
  inputs: GivenTensor[]
  /** Default: all outputs of the model. */
  outputs?: WantedOutput[]
}
