/** How many names a line lists. */
const NAMED = 6

/** The first texts of a list, and how many follow. */
export function listOf (texts: readonly string[]): string {
  const shown = texts.slice(0, NAMED).join(', ')
  return texts.length > NAMED ? `${shown}, … (${texts.length})` : shown
}
