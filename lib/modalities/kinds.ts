import { Type, type TSchema } from '../typebox.ts'
import { ImageInputSchema, type ImageInput, type PictureItem } from './image/input.ts'
import { TableInputSchema, type RowItem, type TableInput } from './table/input.ts'

/** What a card says of its input, for each modality. */
export const INPUT_SCHEMAS = { image: ImageInputSchema, table: TableInputSchema }

export const InputSchema = Type.Union([ImageInputSchema, TableInputSchema])

export type Input = ImageInput | TableInput

/** One thing to classify. */
export type Item = PictureItem | RowItem

/** Something of each modality, made from what the card says of its input. */
export interface ByModality<Something> {
  image: (input: ImageInput) => Something
  table: (input: TableInput) => Something
}

/** Takes that of the model's modality. This is the only place that tells modalities apart. */
export function byModality<Something> (input: Input, all: ByModality<Something>): Something {
  switch (input.kind) {
    case 'image': return all.image(input)
    case 'table': return all.table(input)
  }
}

/** The schema for an input that was not checked yet, or undefined where its `kind` is none of a modality. */
export function inputSchemaOf (input: unknown): TSchema | undefined {
  if (!(input instanceof Object && 'kind' in input)) return undefined
  return Object.entries(INPUT_SCHEMAS).find(([kind]) => kind === input.kind)?.[1]
}
