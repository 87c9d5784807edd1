import { Type, type TSchema } from '../typebox.ts'
import { ImageInputSchema, type ImageInput, type PictureItem } from './image/input.ts'
import { TableInputSchema, type RowItem, type TableInput } from './table/input.ts'
import { TensorsInputSchema, type TensorsInput, type TensorsItem } from './tensors/input.ts'
import { TextInputSchema, type TextInput, type TextItem } from './text/input.ts'

/** Schema of the card's `input`, for each modality. */
export const INPUT_SCHEMAS = { image: ImageInputSchema, table: TableInputSchema, text: TextInputSchema, tensors: TensorsInputSchema }

/** Schema of the card's `input`, of any modality. */
export const InputSchema = Type.Union([ImageInputSchema, TableInputSchema, TextInputSchema, TensorsInputSchema])

/** The card's `input`: describes the input tensor and how to fill it. */
export type Input = ImageInput | TableInput | TextInput | TensorsInput

/** One input to classify, as a client sends it. */
export type Item = PictureItem | RowItem | TextItem | TensorsItem

/** For each modality, a function of the card's `input`. */
export interface ByModality<Result> {
  image: (input: ImageInput) => Result
  table: (input: TableInput) => Result
  text: (input: TextInput) => Result
  tensors: (input: TensorsInput) => Result
}

/** Calls the function of the model's modality. All code that depends on the modality goes through this function. */
export function byModality<Result> (input: Input, all: ByModality<Result>): Result {
  switch (input.kind) {
    case 'image': return all.image(input)
    case 'table': return all.table(input)
    case 'text': return all.text(input)
    case 'tensors': return all.tensors(input)
  }
}

/** The schema for an unchecked `input` of a card, or `undefined` if its `kind` is unknown. */
export function inputSchemaOf (input: unknown): TSchema | undefined {
  if (!(input instanceof Object && 'kind' in input)) return undefined
  return Object.entries(INPUT_SCHEMAS).find(([kind]) => kind === input.kind)?.[1]
}
