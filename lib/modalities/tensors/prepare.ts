import type { Modality } from '../modality.ts'

/** The modality of plain tensors, on the event loop. */
export function tensorsModality (): Modality {
  throw new Error('plain tensors cannot be served yet')
}
