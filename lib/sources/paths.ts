import { Final } from './source.ts'

/** How many parts the path of a file may have: its folders and its name. */
export const DEPTH_LIMIT = 16

/** Longest name of a file or folder, in bytes of UTF-8. File systems take no longer ones. */
const NAME_BYTES = 255

/**
 * Checks the paths of a listing, one after the other. What a source lists is written to this machine, so that a path may not
 * lead out of its folder on any system, and no two files may be the same one.
 */
export class PathRules {
  /** The path of each file, as file systems that ignore case know it. */
  readonly #files = new Set<string>()
  readonly #folders = new Set<string>()

  /** @throws Final that says what is wrong with the path */
  check (path: string): void {
    const fault = this.#faultOf(path)
    if (fault !== null) throw new Final(`it lists the file '${printable(path)}', ${fault}`)
  }

  #faultOf (path: string): string | null {
    if (/[\p{Cc}\\]/u.test(path)) return 'whose name has a backslash or control characters'
    const parts = path.split('/')
    if (path.startsWith('/') || /^[a-z]:/i.test(path)) return 'which is not a relative path'
    if (parts.some(part => part === '' || part === '.' || part === '..')) return 'whose path has an empty part, or one of dots'
    if (parts.length > DEPTH_LIMIT) return `which lies in more than ${DEPTH_LIMIT - 1} folders inside one another`
    if (parts.some(part => Buffer.byteLength(part) > NAME_BYTES)) return `with a name of more than ${NAME_BYTES} bytes`
    const folded = path.normalize('NFC').toLowerCase()
    const folders = parts.slice(1).map((_part, at) => folded.split('/').slice(0, at + 1).join('/'))
    if (this.#files.has(folded)) return 'whose name differs from another only by case'
    if (this.#folders.has(folded) || folders.some(folder => this.#files.has(folder))) return 'whose name is that of a folder, too'
    this.#files.add(folded)
    for (const folder of folders) this.#folders.add(folder)
    return null
  }
}

/** A path for a message: one line, of a length to read. */
function printable (path: string): string {
  const line = path.replaceAll(/\p{Cc}/gu, '?')
  return line.length > 80 ? `${line.slice(0, 80)}…` : line
}
