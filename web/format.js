// How numbers, labels and texts are written on the page.

/** How many characters of a JSON text the page shows. A program gets all of it. */
const TEXT_LIMIT = 20_000

export function percent (probability) {
  return `${(probability * 100).toFixed(1)} %`
}

export function readable (label) {
  return label.replaceAll('_', ' ')
}

/** A number for people: at most seven significant digits. */
export function shown (number) {
  return Number(number.toPrecision(7)).toLocaleString('en', { maximumSignificantDigits: 7 })
}

export function shortened (text) {
  return text.length > TEXT_LIMIT ? `${text.slice(0, TEXT_LIMIT)}…` : text
}

/** Quotes a text for a POSIX shell. */
export function quoted (text) {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`
}

/** The lengths of nested lists, from the outermost one on. */
export function shapeOf (list) {
  return Array.isArray(list) ? [list.length, ...shapeOf(list[0])] : []
}

/** A new element with these properties. */
export function element (name, properties = {}) {
  return Object.assign(document.createElement(name), properties)
}
