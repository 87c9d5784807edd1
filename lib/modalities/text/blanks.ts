const BLANK = /\p{White_Space}/u

/** A text without the blanks at its start, its end, or both. JavaScript's trim() has other blanks than Unicode and Rust. */
export function stripped (text: string, left: boolean, right: boolean): string {
  // All blanks have one UTF-16 code unit.
  const start = left ? Array.prototype.findIndex.call(text, character => !BLANK.test(character)) : 0
  const end = right ? Array.prototype.findLastIndex.call(text, character => !BLANK.test(character)) + 1 : text.length
  return start < 0 ? '' : text.slice(start, end)
}
