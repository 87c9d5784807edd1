/** How many characters to divide at once. The time that Intl.Segmenter takes grows with the square of them. */
const WINDOW_CHARACTERS = 256

/** A part of a text. */
export interface Segment {
  text: string
  /** Place of its first character in the text, in UTF-16 code units. */
  start: number
  /** Whether it is a word; not set for other kinds of segments. */
  isWordLike?: boolean | undefined
}

/**
 * Divides a text into graphemes or words, a few at a time. A segment that is longer than 256 characters is divided.
 *
 * @see https://unicode.org/reports/tr29/
 */
export function * segmentsOf (text: string, segmenter: Intl.Segmenter): Generator<Segment> {
  for (let start = 0; start < text.length;) {
    const segments = Array.from(segmenter.segment(text.slice(start, start + WINDOW_CHARACTERS)))
    // The last one may go on in the next window.
    if (start + WINDOW_CHARACTERS < text.length && segments.length > 1) segments.pop()
    for (const { segment, isWordLike } of segments) {
      yield { text: segment, start, isWordLike }
      start += segment.length
    }
  }
}
