import { toFloat16 } from '../../float16.ts'
import { tensorOf, type Signature, type Tensor } from '../../tensor.ts'
import type { Encoder } from '../modality.ts'
import { tensorsOf, type TensorColumns } from './columns.ts'
import type { ColumnType, TableInput } from './input.ts'
import { valuesOf, type PlainValue } from './row.ts'

/** Array classes that take numbers as they are. */
const NUMBERS = {
  float32: Float32Array, float64: Float64Array, int8: Int8Array, int16: Int16Array, int32: Int32Array, uint8: Uint8Array, uint16: Uint16Array, uint32: Uint32Array, bool: Uint8Array
} as const satisfies Partial<Record<ColumnType, unknown>>

/**
 * The encoder of the table modality: writes each column of the rows into its input tensor.
 *
 * @param signature what the ONNX file declares, for the number of axes of a tensor
 */
export function tableEncoder (input: TableInput, signature?: Signature): Encoder {
  const tensors = tensorsOf(input, signature)
  return {
    encode: async payloads => {
      const rows = payloads.map(valuesOf)
      return { feeds: Object.fromEntries(tensors.map(tensor => [tensor.spec.name, encoded(rows, tensor)])), faults: [] }
    }
  }
}

function encoded (rows: PlainValue[][], { spec: { dtype, shape: [, ...axes] }, places }: TensorColumns): Tensor {
  return tensorOf(dtype, [rows.length, ...axes.map(Number)], elementsOf(dtype, rows, places))
}

function elementsOf (dtype: Tensor['dtype'], rows: PlainValue[][], places: number[]): Tensor['data'] {
  const length = rows.length * places.length
  switch (dtype) {
    case 'string': return rows.flatMap(row => places.map(at => String(row[at])))
    case 'int64': return filled(new BigInt64Array(length), rows, places, value => BigInt(value))
    case 'uint64': return filled(new BigUint64Array(length), rows, places, value => BigInt(value))
    case 'float16': return filled(new Uint16Array(length), rows, places, value => toFloat16(Number(value)))
    default: {
      const elements = new NUMBERS[dtype](length)
      let next = 0
      for (const row of rows) for (const at of places) elements[next++] = Number(row[at])
      return elements
    }
  }
}

function filled<Element, Elements extends { [at: number]: Element }> (elements: Elements, rows: PlainValue[][], places: number[], convert: (value: PlainValue) => Element): Elements {
  let next = 0
  for (const row of rows) for (const at of places) elements[next++] = convert(row[at]!)
  return elements
}
