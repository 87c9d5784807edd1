/**
 * Reads JSON that may hold comments, as `servery init` writes them: `// to the end of the line`, and between slash and star.
 *
 * @throws SyntaxError when the rest is not JSON
 */
export async function parseJsonWithComments (text: string): Promise<unknown> {
  const json = text.replace(/^\uFEFF/, '')
  try {
    return JSON.parse(json)
  } catch {
    // Most cards have no comments, and need not wait for the library.
    const { stripComments } = await import('jsonc-parser')
    // Blanks keep the places in the message of an error.
    return JSON.parse(stripComments(json, ' '))
  }
}

/**
 * Changes one field of JSON with comments. All other text stays as it is.
 *
 * @param text an object
 */
export async function withField (text: string, name: string, value: unknown): Promise<string> {
  const { applyEdits, modify } = await import('jsonc-parser')
  return applyEdits(text, modify(text, [name], value, { formattingOptions: { insertSpaces: true, tabSize: 2 } }))
}

/** Longest line of a list that is written in one line. */
const LINE_LETTERS = 120

/**
 * Writes JSON for people: with comments, and with short lists in one line.
 *
 * @param value plain data
 * @param comments texts with the JSON pointer of the field that each belongs to, such as `/input/normalisation`. A field that is
 *   not there gives its comment to the object around it
 * @see https://www.rfc-editor.org/rfc/rfc6901
 */
export function printJsonWithComments (value: unknown, comments: ReadonlyArray<readonly [pointer: string, text: string]>): string {
  const placed = new Map<string, string[]>()
  for (const [pointer, text] of comments) {
    const place = placeOf(value, pointer)
    placed.set(place, [...placed.get(place) ?? [], text])
  }
  const lines = (place: string, indent: string) => (placed.get(place) ?? []).map(text => `${indent}// ${text.replaceAll(/\s+/g, ' ')}\n`).join('')

  const print = (part: unknown, pointer: string, indent: string): string => {
    if (!(part instanceof Object)) return JSON.stringify(part)
    const isList = Array.isArray(part)
    const entries = Object.entries(part).filter(([, item]) => item !== undefined)
    const hasComment = [...placed.keys()].some(place => place.startsWith(`${pointer}/`))
    if (isList && !hasComment && !part.some(item => item instanceof Object)) {
      const line = `[${part.map(item => JSON.stringify(item)).join(', ')}]`
      if (line.length <= LINE_LETTERS) return line
    }
    if (entries.length === 0) return isList ? '[]' : '{}'
    const deeper = `${indent}  `
    const items = entries.map(([key, item]) => {
      const place = `${pointer}/${escape(key)}`
      return `${lines(place, deeper)}${deeper}${isList ? '' : `${JSON.stringify(key)}: `}${print(item, place, deeper)}`
    })
    return `${isList ? '[' : '{'}\n${items.join(',\n')}\n${indent}${isList ? ']' : '}'}`
  }
  return `${lines('', '')}${print(value, '', '')}\n`
}

/** The pointer itself if the value has such a field, else that of the nearest object around it. */
function placeOf (value: unknown, pointer: string): string {
  let part = value
  let place = ''
  for (const key of pointer.split('/').slice(1)) {
    const entry: [string, unknown] | undefined = part instanceof Object ? Object.entries(part).find(([name]) => escape(name) === key) : undefined
    if (!entry) return place
    part = entry[1]
    place += `/${key}`
  }
  return place
}

function escape (key: string): string {
  return key.replaceAll('~', '~0').replaceAll('/', '~1')
}
