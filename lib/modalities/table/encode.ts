import { toFloat16 } from '../../float16.ts'
import { tensorOf, type Signature, type Tensor } from '../../tensor.ts'
import type { Encoder } from '../modality.ts'
import { isNumbers, NUMBERS } from './block.ts'
import { tensorsOf, type TensorColumns } from './columns.ts'
import type { TableInput } from './input.ts'
import { numbersOf, valuesOf, type PlainValue } from './row.ts'

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

/** The encoder for rows of numbers of one tensor, which most models take. A block of rows is the tensor already. */
function numbersEncoder ({ spec: { name, dtype, shape: [, ...axes] }, places: { length } }: TensorColumns, Numbers: typeof NUMBERS[keyof typeof NUMBERS]): Encoder {
  return {
    hasRows: true,
    encode: async payloads => {
      const elements = payloads.length === 1 && payloads[0] instanceof Numbers ? payloads[0] : joined(payloads)
      return { feeds: { [name]: tensorOf(dtype, [elements.length / length, ...axes.map(Number)], elements) }, faults: [] }
    }
  }

  function joined (payloads: unknown[]): InstanceType<typeof Numbers> {
    const parts = payloads.map(payload => payload instanceof Numbers ? payload : numbersOf(payload))
    const elements = new Numbers(parts.reduce((sum, part) => sum + part.length, 0))
    let next = 0
    for (const part of parts) {
      elements.set(part, next)
      next += part.length
    }
    return elements
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
