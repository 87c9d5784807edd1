import { rmSync } from 'node:fs'
import { access, mkdir, mkdtemp, readdir, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join, resolve } from 'node:path'
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

/** Whether the path is a file, or a folder that looks like one of a model. Whether it is one, is for lib/card/files.ts to say. */
async function hasModel (path: string): Promise<boolean> {
  if (await stat(path).then(file => !file.isDirectory(), () => false)) return true
  const names = await readdir(path).catch((): string[] => [])
  return names.some(name => name.endsWith('.onnx') || name === 'MLmodel') || await access(join(path, 'onnx', 'model.onnx')).then(() => true, () => false)
}

/**
 * Finds the model to serve. Unpacks an archive into a new folder, which is removed when the process ends.
 *
 * @returns absolute path of a file or folder
 * @throws ModelMissing when there is nothing at the path
 * @throws ModelInvalid when the archive is damaged, too large, or holds something other than files and folders
 */
export async function locateModel (config: Config): Promise<string> {
  const path = modelPath(config)
  const found = await stat(path).catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code !== 'ENOENT') throw new ModelInvalid(path, `cannot be read (${String(error.code)}); name a file or folder that this user may read`)
    throw new ModelMissing(`There is no ${path}; name an .onnx file, a folder or an archive of a model, or set MODEL_URL to download one.`)
  })
  if (found.isDirectory() || !isArchive(path)) return path
  if (!found.isFile()) throw new ModelInvalid(path, 'is a device or pipe; name an archive, an .onnx file or a folder')
  const parent = await mkdtemp(join(tmpdir(), 'servery-')).catch(error => { throw new ModelInvalid(path, unwritable(error)) })
  removeAtEnd(parent)
  // The name of the folder becomes that of the model.
  const folder = join(parent, basename(path).replace(/(?:\.tar)?\.[^.]+$/, '') || 'model')
  const { unpack } = await import('./archive.ts')
  try {
    await mkdir(folder)
    await unpack(path, folder, config.MODEL_LIMIT)
  } catch (error) {
    rmSync(parent, { recursive: true, force: true })
    throw new ModelInvalid(path, error instanceof Error && 'syscall' in error ? unwritable(error) : packed(error))
  }
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
