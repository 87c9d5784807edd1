import type { Row } from '../modality.ts'

/** A value for the encoder. A missing value is NaN. */
export type PlainValue = number | string | boolean

/** Rows have no buffers to move. All rows share this array, because a request can have thousands of rows. */
const NO_BUFFERS: ArrayBuffer[] = []

/** Makes a row from values in the order of the features. */
export function rowOf (values: PlainValue[]): Row {
  return { content: { payload: values }, weightBytes: 0, isSlow: false, batchKey: '', transfer: NO_BUFFERS }
}

/** The values of a row's payload. @throws Error when the payload is something else */
export function valuesOf (payload: unknown): PlainValue[] {
  if (!Array.isArray(payload)) throw new Error('the payload is not a row of values')
  return payload
}

/** The values of a row of numbers alone. @throws Error when the payload is something else */
export function numbersOf (payload: unknown): number[] {
  if (!Array.isArray(payload)) throw new Error('the payload is not a row of values')
  return payload
}
