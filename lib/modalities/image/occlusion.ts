import { channelsOf, type ImageInput } from './input.ts'

/** One row of the input tensor: [height, width, channels] or [channels, height, width], as the card says. */
type TensorRow = Uint8Array<ArrayBuffer> | Float32Array<ArrayBuffer>

/** Cells of the map down and across. */
export const GRID = 9

/** Cells that a hidden window reaches to each side of its own: 3 × 3 cells are hidden at once, less at the borders. */
const REACH = 1

/**
 * The row of a picture with one part after the other hidden under the picture's own median colour: GRID × GRID rows,
 * from the top left corner, line by line.
 *
 * @see https://arxiv.org/abs/1311.2901 section 4.2, occlusion sensitivity
 */
export function occlusions (row: TensorRow, input: ImageInput): TensorRow[] {
  const fill = medians(row, input)
  return Array.from({ length: GRID * GRID }, (_, cell) => {
    const [top, bottom] = extent(Math.floor(cell / GRID), input.height)
    const [left, right] = extent(cell % GRID, input.width)
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
 * How much each cell of the picture carried the answer: how far the label's probability falls on average when a
 * window that covers the cell is hidden. Below 0, the cell speaks against the label.
 *
 * @param probabilities of the label for each row of `occlusions`
 * @param original its probability with nothing hidden
 * @returns GRID rows of GRID cells, from the top left corner
 */
export function importanceOf (probabilities: number[], original: number): number[][] {
  const line = Array.from({ length: GRID }, (_, at) => at)
  return line.map(y => line.map(x => {
    const covering = line.filter(other => Math.abs(other - y) <= REACH)
      .flatMap(row => line.filter(other => Math.abs(other - x) <= REACH).map(column => probabilities[row * GRID + column]!))
    return Number((original - covering.reduce((sum, probability) => sum + probability, 0) / covering.length).toFixed(6))
  }))
}

/** Where the window of a cell begins and ends along a side of so many pixels. */
function extent (cell: number, side: number): [number, number] {
  const edge = (at: number) => Math.round(Math.min(Math.max(at, 0), GRID) * side / GRID)
  return [edge(cell - REACH), edge(cell + REACH + 1)]
}

function medians (row: TensorRow, input: ImageInput): number[] {
  const { width, height } = input
  return Array.from({ length: channelsOf(input) }, (_, channel) => {
    const values = Float32Array.from({ length: width * height }, (_, pixel) => {
      return row[offset(pixel % width, Math.floor(pixel / width), channel, input)]!
    })
    return values.sort()[values.length >> 1]!
  })
}

/** Place of a value in the row. */
function offset (x: number, y: number, channel: number, input: ImageInput): number {
  const { width, height, layout } = input
  const pixel = y * width + x
  return layout === 'NHWC' ? pixel * channelsOf(input) + channel : channel * width * height + pixel
}
