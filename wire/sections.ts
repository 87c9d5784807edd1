/** A part of a document that a search can find. */
export interface Section {
  /** Anchor of its heading. */
  id: string
  heading: string
  /** What stands below the heading, as plain text. */
  text: string
}

/** Most characters of one section that can be found. The index stays small, whatever a table holds. */
const LIMIT_CHARACTERS = 8000

const HEADING = /<h[1-6] id="([^"]*)">([^]*?)<\/h[1-6]>/

/** What `marked` and `escapeHtml` write for a character. */
const ENTITIES: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"' }

/**
 * Cuts a rendered document at its headings.
 *
 * @param html from `render()` of `wire/markdown.ts`
 */
export function sectionsOf (html: string): Section[] {
  // The pieces are: what stands before a heading, its anchor, its text, what stands below it, the next anchor, …
  const pieces = html.split(HEADING)
  const sections: Section[] = []
  for (let at = 1; at + 2 < pieces.length; at += 3) {
    const [id = '', heading = '', text = ''] = pieces.slice(at, at + 3)
    sections.push({ id, heading: plain(heading), text: plain(text).slice(0, LIMIT_CHARACTERS) })
  }
  return sections
}

/** HTML as text in one line. Cells and blocks keep a space between them; words keep their letters together. */
function plain (html: string): string {
  return html
    .replace(/<\/(?:p|li|td|th|pre|h\d)>|<br>/g, ' ')
    .replace(/<[^>]*>/g, '')
    .replace(/&(?:#(\d+)|(\w+));/g, (entity, code?: string, name?: string) => code ? String.fromCodePoint(Number(code)) : ENTITIES[name ?? ''] ?? entity)
    .replace(/\s+/g, ' ')
    .trim()
}
