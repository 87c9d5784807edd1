import type { DType } from '../../lib/tensor.ts'

/**
 * The datatypes of the Open Inference Protocol that a tensor of ONNX Runtime can have.
 *
 * @see https://github.com/kserve/open-inference-protocol/blob/main/specification/protocol/inference_rest.md#tensor-data-types
 */
const DATATYPES = {
  float32: 'FP32',
  float64: 'FP64',
  float16: 'FP16',
  int8: 'INT8',
  int16: 'INT16',
  int32: 'INT32',
  int64: 'INT64',
  uint8: 'UINT8',
  uint16: 'UINT16',
  uint32: 'UINT32',
  uint64: 'UINT64',
  bool: 'BOOL',
  string: 'BYTES'
} as const satisfies Record<DType, string>

/** The name of a data type in the protocol. */
export type Datatype = typeof DATATYPES[DType]

/** The protocol's name of a data type. */
export function datatypeOf (dtype: DType): Datatype {
  return DATATYPES[dtype]
}

const DTYPES = new Map<string, DType>(keysOf(DATATYPES).map(dtype => [DATATYPES[dtype], dtype]))

/** The data type that the protocol calls so, or `undefined` if there is none. */
export function dtypeOf (datatype: string): DType | undefined {
  return DTYPES.get(datatype)
}

/** All names of data types, for messages. */
export const DATATYPE_NAMES: readonly string[] = [...DTYPES.keys()]

/** Bytes of an element. `null`: each BYTES element has a length of its own. */
export const SIZES_BYTES: Readonly<Record<DType, number | null>> = {
  float32: 4,
  float64: 8,
  float16: 2,
  int8: 1,
  int16: 2,
  int32: 4,
  int64: 8,
  uint8: 1,
  uint16: 2,
  uint32: 4,
  uint64: 8,
  bool: 1,
  string: null
}

function keysOf<Key extends string> (table: Record<Key, unknown>): Key[] {
  return Object.keys(table).filter((key): key is Key => key in table)
}
