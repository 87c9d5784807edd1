import type { Signature } from '../tensor.ts'
import { faultOf as faultOfImage } from './image/input.ts'
import { imageModality } from './image/prepare.ts'
import { byModality, type Input } from './kinds.ts'
import type { Modality } from './modality.ts'
import { faultOf as faultOfTable } from './table/columns.ts'
import { tableModality } from './table/prepare.ts'
import { tensorsModality } from './tensors/prepare.ts'
import { faultOf as faultOfText } from './text/input.ts'
import { textModality } from './text/prepare.ts'

/**
 * The modality of a model's input: the half that runs on the event loop.
 *
 * @param signature what the ONNX file declares
 */
export function modalityOf (input: Input, signature: Signature): Modality {
  return byModality<Modality>(input, {
    image: imageModality, table: input => tableModality(input, signature), text: input => textModality(input, signature), tensors: () => tensorsModality(signature)
  })
}

/** Checks the rules for an input that its schema cannot express. Returns the first error message, or `null`. */
export function faultOf (input: Input): string | null {
  return byModality(input, { image: faultOfImage, table: faultOfTable, text: faultOfText, tensors: () => null })
}
