import type { Row } from '../modality.ts'

/** Nothing of a row moves to the worker. Shared, since a request may hold thousands of rows. */
const NOTHING: ArrayBuffer[] = []

/** The row of values in the order of the features. */
export function rowOf (values: number[]): Row {
  return { content: { payload: values }, weightBytes: 0, isSlow: false, batchKey: '', transfer: NOTHING }
}

/** @throws Error when the payload of a row is no list */
export function valuesOf (payload: unknown): number[] {
  if (!Array.isArray(payload)) throw new Error('a model of rows was given something else')
  return payload
}
