import type { Encoder } from '../modality.ts'
import type { TableInput } from './input.ts'
import { valuesOf } from './row.ts'

/** Rows of numbers, where the model runs: writes each into its row of the input tensor. */
export function tableEncoder ({ tensor, type, features }: TableInput): Encoder {
  return {
    encode: async rows => {
      const data = new Float32Array(rows.length * features.length)
      rows.forEach((row, at) => data.set(valuesOf(row), at * features.length))
      return { feeds: { [tensor]: { dtype: type, shape: [rows.length, features.length], data } }, faults: [] }
    }
  }
}
