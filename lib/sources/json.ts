/** What is at a path of keys in a document of JSON that a stranger wrote, or undefined. */
export function at (document: unknown, ...keys: string[]): unknown {
  let value = document
  for (const key of keys) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined
    value = Reflect.get(value, key)
  }
  return value
}

/** As `at`, if it is a text. */
export function textAt (document: unknown, ...keys: string[]): string | undefined {
  const value = at(document, ...keys)
  return typeof value === 'string' ? value : undefined
}

/** As `at`, if it is a list; otherwise an empty one. */
export function listAt (document: unknown, ...keys: string[]): unknown[] {
  const value = at(document, ...keys)
  return Array.isArray(value) ? value : []
}

/** As `at`, if it is a number of bytes, also as the text that protocol buffers make of a large number. */
export function bytesAt (document: unknown, ...keys: string[]): number | null {
  const value = at(document, ...keys)
  const bytes = typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value
  return typeof bytes === 'number' && Number.isSafeInteger(bytes) && bytes >= 0 ? bytes : null
}
