import { createReadStream } from 'node:fs'
import { opendir, realpath, stat } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { codeOf, isInside, kindOf } from '../card/inside.ts'
import { isArchive } from './archive.ts'
import { DEPTH_LIMIT } from './paths.ts'
import { nameByPath, siblingsOf } from './siblings.ts'
import { Absent, Final, type Entry, type OpenSource, type Piece, type Received } from './source.ts'

/**
 * Opens a model of this machine: an ONNX file with the files that belong to it, an archive, or a folder with all its files.
 *
 * @param address a path, or a URL with the scheme `file:`
 * @throws Final when there is no such file or folder, or the URL is malformed
 */
export const openFile: OpenSource = async address => {
  const path = pathOf(address)
  if (await kindAt(path) === 'folder') {
    const root = await realpath(path)
    return { name: basename(path) || 'model', address: path, list: () => filesOf(root, ''), open: async (entry, received) => await openPath(join(root, entry.path), received) }
  }
  const siblings = isArchive(path) ? [] : siblingsOf(basename(path)).map(name => [name, join(dirname(path), name)] as const)
  const files = new Map([[isArchive(path) ? basename(path) : 'model.onnx', path], ...siblings])
  return {
    name: nameByPath(path),
    address: path,
    async * list (): AsyncGenerator<Entry> {
      for (const [name, file] of files) if (file === path || await kindOf(file) === 'file') yield await entryOf(name, file)
    },
    open: async (entry, received) => await openPath(files.get(entry.path) ?? join(dirname(path), entry.path), received)
  }
}

async function kindAt (path: string): Promise<'file' | 'folder'> {
  const kind = await kindOf(path).catch((error: unknown) => { throw new Final(error instanceof Error ? error.message : String(error)) })
  if (kind === null) throw new Absent(`there is no such file or folder: ${path}`)
  if (kind === 'other') throw new Final(`${path} is a device or pipe`)
  return kind
}

/** The path that an address of this machine names. */
export function pathOf (address: string): string {
  if (!/^file:/i.test(address)) return resolve(address)
  try {
    return fileURLToPath(address)
  } catch {
    throw new Final('it is not a URL of a file of this machine, such as file:///srv/model.onnx')
  }
}

/**
 * Opens one file of this machine, as `Source.open` does.
 *
 * @throws Absent when it cannot be read
 */
export async function openPath (path: string, received: Received): Promise<Piece> {
  const { bytes: totalBytes, version: validator } = await entryOf(basename(path), path)
  const offsetBytes = validator === received.validator ? received.offsetBytes : 0
  return { bytes: createReadStream(path, { start: offsetBytes }), offsetBytes, totalBytes, validator }
}

async function entryOf (name: string, path: string): Promise<Entry & { bytes: number, version: string }> {
  const found = await stat(path).catch((error: unknown) => { throw new Absent(error instanceof Error ? error.message : String(error)) })
  if (!found.isFile()) throw new Final(`${path} is not a file; copy the folder without links (cp -rL)`)
  return { path: name, bytes: found.size, version: `${found.size}-${found.mtimeMs}` }
}

/** The files in a folder and below. A link to a file inside is that file; links that lead out, and those to folders, are refused. */
async function * filesOf (root: string, folder: string): AsyncGenerator<Entry> {
  const here = join(root, folder)
  if (folder.split('/').length >= DEPTH_LIMIT) throw new Final(`${here} lies in more than ${DEPTH_LIMIT} folders inside one another`)
  const entries = await opendir(here).catch((error: unknown) => { throw new Final(`${here} cannot be listed (${codeOf(error)})`) })
  for await (const entry of entries) {
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`
    if (entry.isDirectory()) yield * filesOf(root, path)
    else yield await entryOf(path, entry.isSymbolicLink() ? await insideOf(root, path) : join(root, path))
  }
}

async function insideOf (root: string, path: string): Promise<string> {
  const real = await realpath(join(root, path)).catch((error: unknown) => { throw new Final(`${join(root, path)} is a link that leads nowhere (${codeOf(error)})`) })
  if (isInside(root, real)) return real
  throw new Final(`${join(root, path)} is a link out of its folder; copy the folder without links (cp -rL)`)
}
