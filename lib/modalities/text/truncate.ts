/** Which text of a pair is cut. */
export type Strategy = 'LongestFirst' | 'OnlyFirst' | 'OnlySecond'

/**
 * How many tokens of each text remain when both together may have no more than `limit`. Computes what the library
 * `tokenizers` computes, to the token.
 *
 * @param lengths number of tokens of the text, or of both texts
 * @param limit largest number of tokens without the special ones
 * @returns null when the text that may be cut is too short for it
 * @see https://github.com/huggingface/tokenizers/blob/v0.22.2/tokenizers/src/utils/truncation.rs
 */
export function truncatedLengths (lengths: readonly number[], limit: number, strategy: Strategy): number[] | null {
  const [first = 0, second] = lengths
  const excess = first + (second ?? 0) - limit
  if (excess <= 0) return [...lengths]
  if (strategy === 'LongestFirst') return second === undefined ? [limit] : longestFirst(first, second, limit)
  if (strategy === 'OnlySecond') return second !== undefined && second > excess ? [first, second - excess] : null
  if (first <= excess) return null
  return second === undefined ? [first - excess] : [first - excess, second]
}

/** Cuts the longer text to the length of the shorter one, then both. */
function longestFirst (first: number, second: number, limit: number): [number, number] {
  const isSwapped = first > second
  let shorter = Math.min(first, second)
  let longer = shorter > limit ? shorter : Math.max(shorter, limit - shorter)
  if (shorter + longer > limit) {
    shorter = Math.floor(limit / 2)
    longer = shorter + limit % 2
  }
  return isSwapped ? [longer, shorter] : [shorter, longer]
}
