import { rmSync, type Stats } from 'node:fs'
import { cp, mkdir, mkdtemp, readdir, realpath, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join, resolve } from 'node:path'
import { findFiles } from '../card/files.ts'
import { isInside } from '../card/inside.ts'
import type { Config } from '../config.ts'
import { ConfigInvalid, ModelInvalid, ModelMissing } from '../errors.ts'
import { projectFile } from '../project.ts'
import { isArchive } from './archive.ts'
import type { FetchOptions } from './fetch.ts'

/** Absolute path of the model to serve, from MODEL_PATH or MODEL_NAME: a file, a folder or an archive. */
export function modelPath (config: Config): string {
  return resolve(config.MODEL_PATH ?? projectFile(`models/${config.MODEL_NAME}`))
}

/**
 * Downloads the model from MODEL_URL to its folder if there is none.
 *
 * @returns whether there is a model now; if not, `locateModel` throws the error
 * @throws ConfigInvalid when MODEL_PATH is the name of a file, which is no place for a download
 * @throws ModelUnfetched when the download fails
 */
export async function fetchMissingModel (config: Config, onProgress?: FetchOptions['onProgress']): Promise<boolean> {
  const path = modelPath(config)
  const isThere = await hasModel(path)
  if (isThere || config.MODEL_URL === undefined) return isThere
  if (isArchive(path) || path.endsWith('.onnx')) throw new ConfigInvalid(`MODEL_PATH=${path} is the name of a file; name a folder to download MODEL_URL to`)
  const { fetchModel } = await import('./fetch.ts')
  await fetchModel(path, { url: config.MODEL_URL, token: config.MODEL_TOKEN, sha256: config.MODEL_SHA256, limitBytes: config.MODEL_LIMIT, onProgress })
  return true
}

/** Whether there is something at the path that is a model, or is meant to be one. Whether it is one, is found out when it is read. */
async function hasModel (path: string): Promise<boolean> {
  return await findFiles(path).then(() => true, async (error: unknown) => !(error instanceof ModelMissing) || await loneArchive(path) !== null)
}

/** The only archive of a folder that holds no model beside it, or null. */
async function loneArchive (folder: string): Promise<string | null> {
  const names = (await readdir(folder).catch((): string[] => [])).filter(name => !name.startsWith('.'))
  const [archive, another] = names.filter(isArchive)
  if (archive === undefined || another !== undefined) return null
  const path = join(folder, archive)
  if (!isInside(await realpath(folder), await realpath(path))) return null
  return await findFiles(folder).then(() => null, (error: unknown) => error instanceof ModelMissing ? path : null)
}

/**
 * Finds the model to serve. Unpacks an archive, or the only one in a folder without a model, into a new folder, which is
 * removed when the process ends. Writes nothing beside the model.
 *
 * @returns absolute path of a file or folder
 * @throws ModelMissing when there is nothing at the path
 * @throws ModelInvalid when the archive is damaged, too large, or holds something other than files and folders
 */
export async function locateModel (config: Config): Promise<string> {
  return await locate(modelPath(config), config.MODEL_LIMIT)
}

async function locate (path: string, limitBytes: number): Promise<string> {
  const found = await stat(path).catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code !== 'ENOENT') throw new ModelInvalid(path, `cannot be read (${String(error.code)}); name a file or folder that this user may read`)
    throw new ModelMissing(`There is no ${path}; name an .onnx file, a folder or an archive of a model, or set MODEL_URL to download one.`)
  })
  if (found.isDirectory() && !await hasRealPath(path, found)) return await copyOf(path)
  if (found.isDirectory()) {
    const archive = await loneArchive(path)
    return archive === null ? path : await locate(archive, limitBytes)
  }
  if (!isArchive(path)) return path
  if (!found.isFile()) throw new ModelInvalid(path, 'is a device or pipe; name an archive, an .onnx file or a folder')
  const parent = await temporaryFor(path)
  // The name of the folder becomes that of the model.
  const folder = join(parent, basename(path).replace(/(?:\.tar)?\.[^.]+$/, '') || 'model')
  const { unpack } = await import('./archive.ts')
  try {
    await mkdir(folder)
    await unpack(path, folder, limitBytes)
  } catch (error) {
    rmSync(parent, { recursive: true, force: true })
    throw new ModelInvalid(path, error instanceof Error && 'syscall' in error ? unwritable(error) : packed(error))
  }
  return folder
}

/**
 * Whether a folder has a path without links. A link to the root folder of another process has none: KServe's modelcars are
 * such links, /mnt/models to /proc/PID/root/models. Then it cannot be told which files are inside the folder.
 */
async function hasRealPath (path: string, { dev, ino }: Stats): Promise<boolean> {
  return await realpath(path).then(stat).then(real => real.dev === dev && real.ino === ino, () => false)
}

/** A copy of a folder, which is removed when the process ends. Links are copied as links. */
async function copyOf (path: string): Promise<string> {
  const parent = await temporaryFor(path)
  const folder = join(parent, basename(path))
  try {
    await mkdir(folder)
    for (const name of await readdir(path)) await cp(join(path, name), join(folder, name), { recursive: true, verbatimSymlinks: true })
  } catch (error) {
    rmSync(parent, { recursive: true, force: true })
    throw new ModelInvalid(path, `is in the root folder of another process and cannot be copied: ${error instanceof Error ? error.message : String(error)}; set TMPDIR to a folder with room for it`)
  }
  return folder
}

/** A new folder for temporary files, which is removed when the process ends. */
async function temporaryFor (path: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'servery-')).catch((error: unknown) => { throw new ModelInvalid(path, unwritable(error)) })
  removeAtEnd(folder)
  return folder
}

/** Removes a folder at the end of the process, also if a signal ends it before the service handles signals. */
function removeAtEnd (folder: string): void {
  const remove = () => rmSync(folder, { recursive: true, force: true })
  process.once('exit', remove)
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.once(signal, () => {
      remove()
      process.kill(process.pid, signal)
    })
  }
}

/** What is wrong with an archive. The libraries say no remedy. */
function packed (error: unknown): string {
  const reason = (error instanceof Error ? error.message : String(error)).split('\n', 1)[0]!.slice(0, 300)
  return /;|MODEL_LIMIT/.test(reason) ? reason : `${reason}; download or pack it again`
}

function unwritable (error: unknown): string {
  return `cannot be unpacked: ${error instanceof Error ? error.message : String(error)}; set TMPDIR to a folder with room for it, or unpack it and name the folder`
}
