import { faultOf as faultOfImage } from './image/input.ts'
import { imageModality } from './image/prepare.ts'
import { byModality, type ByModality, type Input } from './kinds.ts'
import type { Modality } from './modality.ts'
import { tableModality } from './table/prepare.ts'
import { tensorsModality } from './tensors/prepare.ts'

const MODALITIES: ByModality<Modality> = { image: imageModality, table: tableModality, tensors: tensorsModality }

/** The modality of a model's input: the half that runs on the event loop. */
export function modalityOf (input: Input): Modality {
  return byModality(input, MODALITIES)
}

/** Checks the rules for an input that its schema cannot express. Returns the first error message, or `null`. */
export function faultOf (input: Input): string | null {
  return byModality(input, { image: faultOfImage, table: () => null, tensors: () => null })
}
