import type { ImageInput, TableInput } from '../model/card.ts'

/** Channels of the input tensor: 3 for rgb, 1 for grey. */
export function channelsOf (input: ImageInput): number {
  return input.colour === 'rgb' ? 3 : 1
}

/** Shape of one row of the input tensor, without the batch axis. */
export function rowShapeOf (input: ImageInput | TableInput): number[] {
  if (input.kind === 'table') return [input.features.length]
  const { width, height } = input
  return input.layout === 'NHWC' ? [height, width, channelsOf(input)] : [channelsOf(input), height, width]
}
