import { rmSync, type Stats } from 'node:fs'
import { cp, mkdir, mkdtemp, readdir, realpath, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { findFiles } from '../card/files.ts'
import { isInside } from '../card/inside.ts'
import type { Config } from '../config.ts'
import { ConfigInvalid, ModelInvalid, ModelMissing } from '../errors.ts'
import { messageOf } from '../message.ts'
import { projectFile } from '../project.ts'
import { isArchive } from './archive.ts'
import type { OnProgress } from './download.ts'
import { trackedAt } from './dvc/tracked.ts'
import type { FetchOptions } from './fetch.ts'
import { pathOf } from './file.ts'
import { schemeOf } from './index.ts'
import { printable } from './printable.ts'
import type { SourceSettings } from './source.ts'

/** Who is told how a fetch goes. */
export interface Watch {
  onProgress?: OnProgress | undefined
  /** Called with one line when the model may not be the newest. */
  onWarning?: ((warning: string) => void) | undefined
}

/** The folder of each model that was fetched into the cache, by the configuration that names it. */
const fetched = new WeakMap<Config, Promise<string>>()

/**
 * Where the model to serve is, from MODEL_PATH or MODEL_NAME: the absolute path of a file, a folder or an archive, or the address
 * of a model elsewhere, without its secrets.
 */
export function modelPath (config: Config): string {
  const path = config.MODEL_PATH ?? projectFile(`models/${config.MODEL_NAME}`)
  if (isAddress(config)) return printable(path)
  try {
    return pathOf(path)
  } catch (error) {
    throw new ConfigInvalid(`MODEL_PATH=${path}: ${messageOf(error)}`)
  }
}

/** Whether the model is fetched into the cache, so that nothing may be written beside it: MODEL_PATH is an address, or DVC tracks it. */
export async function isElsewhere (config: Config): Promise<boolean> {
  return await addressOf(config) !== null
}

function isAddress ({ MODEL_PATH: path = '' }: Config): boolean {
  const scheme = schemeOf(path)
  return scheme !== null && scheme !== 'file:'
}

/**
 * Fetches the model if it is not there: from the address in MODEL_PATH into the cache, from where DVC says that it is into the cache,
 * or from MODEL_URL into the model's folder if that holds none.
 *
 * @returns whether there is a model now; if not, `locateModel` throws the error
 * @throws ConfigInvalid when MODEL_PATH is the name of a file, which is no place for a download, or is an address beside MODEL_URL
 * @throws ModelUnfetched when the download fails
 */
export async function fetchMissingModel (config: Config, watch: Watch = {}): Promise<boolean> {
  const path = modelPath(config)
  const { MODEL_URL: address } = config
  if (isAddress(config) && address !== undefined) throw new ConfigInvalid('MODEL_PATH and MODEL_URL are both addresses; set one of them, or name a folder in MODEL_PATH')
  const elsewhere = await addressOf(config)
  if (elsewhere !== null) {
    await fetchElsewhere(config, elsewhere, watch)
    return true
  }
  const isThere = await hasModel(path)
  if (isThere || address === undefined) return isThere
  if (isArchive(path) || path.endsWith('.onnx')) throw new ConfigInvalid(`MODEL_PATH=${path} is the name of a file; name a folder to download MODEL_URL to`)
  const { fetchModel } = await import('./fetch.ts')
  await fetchModel(path, address, settingsOf(config), optionsOf(config, watch))
  return true
}

/**
 * Absolute path of the file, the folder or the archive that holds the model, or its folder in the cache.
 *
 * @throws ModelUnfetched when a model elsewhere cannot be fetched
 */
export async function modelFolder (config: Config): Promise<string> {
  const address = await addressOf(config)
  return address === null ? modelPath(config) : await fetchElsewhere(config, address, {})
}

/** The address from which the model is fetched into the cache, or null for a model at its path, or one to fetch from MODEL_URL. */
async function addressOf (config: Config): Promise<string | null> {
  const { MODEL_PATH: named = '', MODEL_URL: url } = config
  if (schemeOf(named) === 'dvc:') return absoluteDvc(named)
  if (isAddress(config)) return named
  const path = modelPath(config)
  const tracked = url !== undefined || await hasModel(path) ? null : await trackedAt(path)
  return tracked === null ? null : `dvc:${tracked}`
}

/** The address of a file of DVC, from wherever the process runs: the cache knows models by their addresses. */
function absoluteDvc (address: string): string {
  const path = address.replace(/^dvc:(?:\/\/(?=\/))?/i, '')
  return /^(?!file:)[a-z][a-z\d+.-]+:\/\//i.test(path) ? path : `dvc:${pathOf(path)}`
}

/** Fetches the model at an address into the cache, once for a configuration. Returns its folder. */
async function fetchElsewhere (config: Config, address: string, watch: Watch): Promise<string> {
  const { MODEL_CACHE: cache, environment } = config
  const earlier = fetched.get(config)
  if (earlier) return await earlier
  const fetching = import('./cache.ts').then(async ({ cacheFolder, fetchCached }) => await fetchCached(address, settingsOf(config), {
    ...optionsOf(config, watch), cache: cacheFolder(cache, environment), temporary: async () => await temporaryFor(printable(address)), onWarning: watch.onWarning
  }))
  fetched.set(config, fetching)
  return await fetching
}

function settingsOf ({ MODEL_TOKEN: token, environment }: Config): SourceSettings {
  return { token, environment }
}

function optionsOf ({ MODEL_SHA256: sha256, MODEL_LIMIT: limitBytes }: Config, { onProgress }: Watch): FetchOptions {
  return { sha256, limitBytes, onProgress }
}

/** Whether there is something at the path that is a model, or is meant to be one. Whether it is one, is found out when it is read. */
export async function hasModel (path: string): Promise<boolean> {
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
 * removed when the process ends. Writes nothing beside the model. Fetches a model whose address is in MODEL_PATH, unless
 * `fetchMissingModel` has done so.
 *
 * @returns absolute path of a file or folder
 * @throws ModelUnfetched when a model elsewhere cannot be fetched
 * @throws ModelMissing when there is nothing at the path
 * @throws ModelInvalid when the archive is damaged, too large, or holds something other than files and folders
 */
export async function locateModel (config: Config): Promise<string> {
  return await locate(await modelFolder(config), config.MODEL_LIMIT)
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
