/** Escapes a string for use as HTML text or as the value of a quoted attribute. */
export function escapeHtml (text: string): string {
  return text.replace(/[&<>"']/g, character => `&#${character.charCodeAt(0)};`)
}
