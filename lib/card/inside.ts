import { isAbsolute, relative, sep } from 'node:path'

/** Whether a path is in a folder, or the folder itself. Both are real paths: without links. */
export function isInside (folder: string, path: string): boolean {
  const way = relative(folder, path)
  return way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way)
}
