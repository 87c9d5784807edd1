/**
 * An address for messages and names: without credentials, and without the query of a URL, which may hold a signature. A
 * malformed address loses everything before an `@`.
 */
export function printable (address: string): string {
  if (!/^[a-z][a-z0-9+.-]+:/i.test(address)) return address
  const bare = address.replace(/[?#].*$/s, '?…')
  if (!URL.canParse(address)) return bare.replace(/\/\/.*@/s, '//')
  const { username, password } = new URL(address)
  return username || password ? bare.replace(/\/\/[^/]*@/s, '//') : bare
}
