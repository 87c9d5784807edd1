import { fromFloat16, toFloat16 } from '../../float16.ts'
import { channelsOf, type ImageInput } from './input.ts'
import type { TensorData } from './levels.ts'

/** The importance map has GRID_CELLS × GRID_CELLS cells. */
export const GRID_CELLS = 9

/** A hidden window reaches this far beyond its own cell to each side: it covers 3 × 3 cells, fewer at the borders. */
const REACH_CELLS = 1

/**
 * Makes variations of a picture. Each hides another window under the median colour of the picture.
 *
 * @param row one row of the input tensor: [height, width, channels] or [channels, height, width], depending on the card
 * @returns GRID_CELLS × GRID_CELLS rows: one for each cell, from the top left corner, line by line
 * @see https://arxiv.org/abs/1311.2901 section 4.2, occlusion sensitivity
 */
export function occlusions (row: TensorData, input: ImageInput): TensorData[] {
  const fill = medians(row, input)
  return Array.from({ length: GRID_CELLS * GRID_CELLS }, (_, cell) => {
    const [top, bottom] = extent(Math.floor(cell / GRID_CELLS), input.height)
    const [left, right] = extent(cell % GRID_CELLS, input.width)
    const hidden = row.slice()
    for (let y = top; y < bottom; y++) {
      for (let x = left; x < right; x++) {
        fill.forEach((value, channel) => { hidden[offset(x, y, channel, input)] = value })
      }
    }
    return hidden
  })
}

/**
 * The importance of each cell for the label: the mean drop of the label's probability over all hidden windows that cover
 * the cell. A negative importance means that the cell speaks against the label.
 *
 * @param probabilities probability of the label for each row of `occlusions`
 * @param original probability of the label for the unchanged picture
 * @returns GRID_CELLS rows of GRID_CELLS cells, from the top left corner
 */
export function importanceOf (probabilities: number[], original: number): number[][] {
  const line = Array.from({ length: GRID_CELLS }, (_, at) => at)
  return line.map(y => line.map(x => {
    const covering = line.filter(other => Math.abs(other - y) <= REACH_CELLS)
      .flatMap(row => line.filter(other => Math.abs(other - x) <= REACH_CELLS).map(column => probabilities[row * GRID_CELLS + column]!))
    return Number((original - covering.reduce((sum, probability) => sum + probability, 0) / covering.length).toFixed(6))
  }))
}

/** First pixel, and pixel after the last, of a cell's window along one side of the picture. */
function extent (cell: number, sidePixels: number): [number, number] {
  const edge = (at: number) => Math.round(Math.min(Math.max(at, 0), GRID_CELLS) * sidePixels / GRID_CELLS)
  return [edge(cell - REACH_CELLS), edge(cell + REACH_CELLS + 1)]
}

/** Median of each channel, as an element of the tensor. */
function medians (row: TensorData, input: ImageInput): number[] {
  const { width, height, type } = input
  // The bits of float16 have another order than the numbers that they stand for.
  const [toNumber, toElement] = type === 'float16' ? [fromFloat16, toFloat16] : [Number, Number]
  return Array.from({ length: channelsOf(input) }, (_, channel) => {
    const values = Float32Array.from({ length: width * height }, (_, pixel) => {
      return toNumber(row[offset(pixel % width, Math.floor(pixel / width), channel, input)]!)
    })
    return toElement(values.sort()[values.length >> 1]!)
  })
}

/** Index of a value in the row. */
function offset (x: number, y: number, channel: number, input: ImageInput): number {
  const { width, height, layout } = input
  const pixel = y * width + x
  return layout === 'NHWC' ? pixel * channelsOf(input) + channel : channel * width * height + pixel
}
