/** The value below which this share of the values lies; 0 for no values. */
export function quantile (values: number[], share: number): number {
  return values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * share))] ?? 0
}

export function median (values: number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 ? sorted[middle]! : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2
}

/** Change of a value over time, and its 95 % confidence interval, in units of the value per unit of time. */
export interface Trend {
  slope: number
  low: number
  high: number
}

/** Means of this many blocks of successive samples make a trend. */
const BLOCKS = 12

/** 97.5th percentile of Student's t distribution with BLOCKS − 2 degrees of freedom. */
const T_QUANTILE = 2.228

/**
 * The line of least squares through the means of blocks of successive samples. Successive samples of memory depend on each
 * other, so they say less than their number; the means of blocks hardly do.
 *
 * @param samples in the order of their time, at least one in each of 12 blocks
 * @throws RangeError when there are fewer
 * @see https://en.wikipedia.org/wiki/Simple_linear_regression#Confidence_intervals
 */
export function trendOf (samples: Array<{ time: number, value: number }>): Trend {
  if (samples.length < BLOCKS) throw new RangeError(`a trend needs ${BLOCKS} samples, not ${samples.length}`)
  const blocks = Array.from({ length: BLOCKS }, (_, at) => samples.slice(Math.floor(samples.length * at / BLOCKS), Math.floor(samples.length * (at + 1) / BLOCKS)))
  const points = blocks.map(block => ({ time: mean(block.map(({ time }) => time)), value: mean(block.map(({ value }) => value)) }))
  const [meanTime, meanValue] = [mean(points.map(({ time }) => time)), mean(points.map(({ value }) => value))]
  const spread = sum(points.map(({ time }) => (time - meanTime) ** 2))
  const slope = sum(points.map(({ time, value }) => (time - meanTime) * (value - meanValue))) / spread
  const squares = sum(points.map(({ time, value }) => (value - meanValue - slope * (time - meanTime)) ** 2))
  const margin = T_QUANTILE * Math.sqrt(squares / (BLOCKS - 2) / spread)
  return { slope, low: slope - margin, high: slope + margin }
}

function sum (values: number[]): number {
  return values.reduce((total, value) => total + value, 0)
}

function mean (values: number[]): number {
  return sum(values) / values.length
}
