import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/**
 * Absolute path of a file of the project, such as `README.md`. Works from the sources and from `dist/`.
 *
 * @param name path relative to the project's root
 */
export function projectFile (name: string): string {
  let folder = import.meta.dirname
  while (!existsSync(join(folder, 'package.json'))) folder = dirname(folder)
  return join(folder, name)
}

const { version } = JSON.parse(readFileSync(projectFile('package.json'), 'utf8'))

/** Servery's own version. */
export const VERSION = String(version)
