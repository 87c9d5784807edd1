import { constants } from 'node:fs'
import { open, realpath, stat } from 'node:fs/promises'
import { isAbsolute, relative, sep } from 'node:path'
import { ModelInvalid } from '../errors.ts'

/** Largest file beside the model that is read, if nothing else is said. */
const FILE_BYTES = 16 * 1024 * 1024

/** Whether a path is in a folder, or the folder itself. Both are real paths: without links. */
export function isInside (folder: string, path: string): boolean {
  const way = relative(folder, path)
  return way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way)
}

/**
 * Reads a file of a folder that is not trusted: a model's.
 *
 * @returns null when there is no such file
 * @param limitBytes largest size of the file
 * @throws ModelInvalid when it is larger, cannot be read, or is outside the folder, also by a link
 */
export async function readInside (root: string, path: string, limitBytes = FILE_BYTES): Promise<Buffer | null> {
  if (await kindOf(path) !== 'file') return null
  const real = await realpath(path)
  if (!isInside(await realpath(root), real)) throw new ModelInvalid(path, 'is a link out of the folder of the model; replace it with the file (cp -L)')
  try {
    const file = await open(real, constants.O_RDONLY | constants.O_NONBLOCK)
    try {
      const { size } = await file.stat()
      if (size > limitBytes) throw new ModelInvalid(path, `has ${size} bytes, over the limit of ${limitBytes}; make it smaller, or move it away from the model`)
      return await file.readFile()
    } finally {
      await file.close()
    }
  } catch (error) {
    if (error instanceof ModelInvalid) throw error
    throw new ModelInvalid(path, `cannot be read (${codeOf(error)}); give the user that runs servery the right to read it`)
  }
}

/** What is at a path, links followed; null when there is nothing, or a link to nothing. */
export async function kindOf (path: string): Promise<'file' | 'folder' | 'other' | null> {
  try {
    const stats = await stat(path)
    return stats.isFile() ? 'file' : stats.isDirectory() ? 'folder' : 'other'
  } catch (error) {
    if (['EACCES', 'EPERM'].includes(codeOf(error))) throw new ModelInvalid(path, `cannot be read (${codeOf(error)}); give the user that runs servery the right to read it`)
    return null
  }
}

/** The code of an error of the operating system, such as ENOENT. */
export function codeOf (error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error)
}
