import type { Encoder } from '../modality.ts'
import type { TableInput } from './input.ts'
import { valuesOf } from './row.ts'

/** The encoder of the table modality: writes rows of numbers into the input tensor, [batch, features]. */
export function tableEncoder ({ tensor = '', features }: TableInput): Encoder {
  return {
    encode: async rows => {
      const data = new Float32Array(rows.length * features.length)
      rows.forEach((row, at) => data.set(valuesOf(row), at * features.length))
      return { feeds: { [tensor]: { dtype: 'float32', shape: [rows.length, features.length], data } }, faults: [] }
    }
  }
}
