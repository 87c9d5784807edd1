import { faultOf as faultOfImage } from './image/input.ts'
import { imageModality } from './image/prepare.ts'
import { byModality, type ByModality, type Input } from './kinds.ts'
import type { Modality } from './modality.ts'
import { tableModality } from './table/prepare.ts'

const MODALITIES: ByModality<Modality> = { image: imageModality, table: tableModality }

/** The half of the model's modality that runs on the event loop. */
export function modalityOf (input: Input): Modality {
  return byModality(input, MODALITIES)
}

/** What the schema of an input cannot say: its first fault, or null. */
export function faultOf (input: Input): string | null {
  return byModality(input, { image: faultOfImage, table: () => null })
}
