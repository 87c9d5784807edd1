import type { Row } from '../../../lib/modalities/modality.ts'
import type { Tensors } from '../../../lib/tensor.ts'

/** A row that is tensors already. */
export function tensorRow (feeds: Tensors, batchKey = 'tensors'): Row {
  return { content: { feeds }, weightBytes: 0, isSlow: false, batchKey, transfer: [] }
}

/** A row that a modality's encoder reads. */
export function payloadRow (payload: unknown, batchKey = ''): Row {
  return { content: { payload }, weightBytes: 0, isSlow: false, batchKey, transfer: [] }
}

/** What no caller can send: a worker that gets it dies. */
export function deadlyRow (): Row {
  // A hole in the list of contents is no content at all.
  const [content] = new Array<Row['content']>(1)
  return { ...payloadRow(null), ...{ content: content! } }
}
