import type { DType } from '../../tensor.ts'
import type { Block } from '../modality.ts'
import type { ColumnType, RowItem } from './input.ts'

/** Array classes that take numbers as they are. */
export const NUMBERS = {
  float32: Float32Array, float64: Float64Array, int8: Int8Array, int16: Int16Array, int32: Int32Array, uint8: Uint8Array, uint16: Uint16Array, uint32: Uint32Array
} as const satisfies Partial<Record<ColumnType, unknown>>

/** Whether an array of this type takes numbers as they are. */
export function isNumbers (dtype: DType): dtype is keyof typeof NUMBERS {
  return dtype in NUMBERS
}

/**
 * Writes rows of numbers into one array, which the encoder takes as it is: a request may have ten thousand rows. A missing
 * number is NaN.
 *
 * @param rows checked rows, each with `columns` numbers
 */
export function blockOf (rows: readonly RowItem[], columns: number, dtype: keyof typeof NUMBERS): Block {
  const numbers = new NUMBERS[dtype](rows.length * columns)
  let next = 0
  for (const row of rows) for (let at = 0; at < columns; at++) numbers[next++] = Number(row[at] ?? NaN)
  return {
    length: rows.length,
    batchKey: '',
    slice: (first, end) => {
      // A worker gets the memory of its rows alone.
      const payload = end - first === rows.length ? numbers : numbers.slice(first * columns, end * columns)
      return [{ content: { payload, count: end - first }, weightBytes: 0, isSlow: false, batchKey: '', transfer: [payload.buffer] }]
    }
  }
}
