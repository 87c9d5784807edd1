import { toFloat16 } from '../../float16.ts'
import { tensorOf, type DType, type Signature, type Tensor } from '../../tensor.ts'
import type { Encoder } from '../modality.ts'
import { tensorsOf, type TensorColumns } from './columns.ts'
import type { ColumnType, TableInput } from './input.ts'
import { numbersOf, valuesOf, type PlainValue } from './row.ts'

/** Array classes that take numbers as they are. */
const NUMBERS = {
  float32: Float32Array, float64: Float64Array, int8: Int8Array, int16: Int16Array, int32: Int32Array, uint8: Uint8Array, uint16: Uint16Array, uint32: Uint32Array
} as const satisfies Partial<Record<ColumnType, unknown>>

/** Whether an array of this type takes numbers as they are. */
function isNumbers (dtype: DType): dtype is keyof typeof NUMBERS {
  return dtype in NUMBERS
}

/**
 * The encoder of the table modality: writes each column of the rows into its input tensor.
 *
 * @param signature what the ONNX file declares, for the number of axes of a tensor
 */
export function tableEncoder (input: TableInput, signature?: Signature): Encoder {
  const tensors = tensorsOf(input, signature)
  const [only] = tensors
  if (only && tensors.length === 1 && isNumbers(only.spec.dtype)) return numbersEncoder(only, NUMBERS[only.spec.dtype])
  return {
    hasRows: true,
    encode: async payloads => {
      const rows = payloads.map(valuesOf)
      return { feeds: Object.fromEntries(tensors.map(tensor => [tensor.spec.name, encoded(rows, tensor)])), faults: [] }
    }
  }
}

/** The encoder for rows of numbers of one tensor, which most models take. */
function numbersEncoder ({ spec: { name, dtype, shape: [, ...axes] }, places: { length } }: TensorColumns, Numbers: typeof NUMBERS[keyof typeof NUMBERS]): Encoder {
  return {
    hasRows: true,
    encode: async payloads => {
      const elements = new Numbers(payloads.length * length)
      let next = 0
      // For a few numbers, a loop takes a tenth of the time of TypedArray.set.
      for (const payload of payloads) for (const number of numbersOf(payload)) elements[next++] = number
      return { feeds: { [name]: tensorOf(dtype, [payloads.length, ...axes.map(Number)], elements) }, faults: [] }
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
    case 'bool': return filled(new Uint8Array(length), rows, places, Number)
    case 'float16': return filled(new Uint16Array(length), rows, places, value => toFloat16(Number(value)))
    default: return filled(new NUMBERS[dtype](length), rows, places, Number)
  }
}

function filled<Element, Elements extends { [at: number]: Element }> (elements: Elements, rows: PlainValue[][], places: number[], convert: (value: PlainValue) => Element): Elements {
  let next = 0
  for (const row of rows) for (const at of places) elements[next++] = convert(row[at]!)
  return elements
}
